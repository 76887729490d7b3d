"""Decider and teacher keep the contracts of their kinds."""

from keisei_core.testing import DeciderContract, TeacherContract


class TestSearchDecider(DeciderContract):
    name = "search"
    options = {"share": 0.5, "simulations": 5}


class TestSearchDeciderByGumbelAtEveryPly(DeciderContract):
    name = "search"
    options = {
        "algorithm": "gumbel",
        "share": 1.0,
        "simulations": 4,
        "candidates": 3,
        "drawn_plies": 0,
        "final_temperature": 0.5,
    }


class TestSearchTeacher(TeacherContract):
    name = "search"


class TestSearchTeacherThatSearchesAgain(TeacherContract):
    name = "search"
    options = {"again": 0.25, "simulations": 3, "played": False, "result": 0.5}
    row_by_row = False
