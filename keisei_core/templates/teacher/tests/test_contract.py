"""What Keisei asks of a teacher: each check of the public kit is a test here."""

from keisei_core.testing import TeacherContract


class TestMyname(TeacherContract):
    name = "myname"


class TestMynameOfSomePositions(TeacherContract):
    name = "myname"
    options = {"share": 0.5}
    row_by_row = False  # which positions are taught is drawn
