"""What Keisei asks of a migrator: each check of the public kit is a test here."""

from keisei_core.testing import MigratorContract, Sample


def resnet(depth: int) -> Sample:
    return Sample(model="resnet", options={"tower_depth": depth, "tower_width": 16})


class TestMyname(MigratorContract):
    name = "myname"
    offered = ((resnet(3), resnet(1)), (resnet(4), resnet(3)))
