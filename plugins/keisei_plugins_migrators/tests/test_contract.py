from keisei_core.testing import MigratorContract, Sample

SMALL = {"tower_depth": 2, "tower_width": 16}


def resnet(features: str = "core46", **options: object) -> Sample:
    return Sample(model="resnet", options=SMALL | options, features=features)


def baseline(features: str = "core46", channels: int = 2) -> Sample:
    return Sample(model="baseline", options={"channels": channels}, features=features)


class TestPlanes(MigratorContract):
    name = "planes"
    offered = (
        (resnet(), resnet("core46+all")),
        (resnet("core46+check+last2ply"), resnet("core46+last2ply")),
        (baseline("core46+all"), baseline("check+core46")),
        (baseline(), baseline("core46+check", channels=3)),
    )


class TestWiden(MigratorContract):
    name = "widen"
    offered = (
        (baseline(channels=2), baseline(channels=5)),
        (baseline(channels=2), baseline("core46+check", channels=3)),
        (resnet(), resnet(tower_width=32)),
    )
    refused = ((baseline(channels=5), baseline(channels=2)), (resnet(tower_width=32), resnet()))


class TestDeepen(MigratorContract):
    name = "deepen"
    offered = ((resnet(), resnet(tower_depth=3)), (resnet(tower_depth=1), resnet("core46+check", tower_depth=4)))
    refused = ((resnet(), resnet(tower_depth=1)),)


class TestPositional(MigratorContract):
    name = "positional"
    offered = (
        (Sample(model="baseline", options={"channels": 2}, names_channels=False), baseline("core46+all")),
        (Sample(model="resnet", options=SMALL, features="core46+all", names_channels=False), resnet()),
    )


class TestFormat(MigratorContract):
    name = "format"
    offered = (
        (
            Sample(
                model="resnet",
                options=SMALL,
                format=1,
                state={"random": {}, "records": [], "counters": {}},
                rest={"games.safetensors": b"games"},
            ),
            resnet(),
        ),
        (Sample(model="resnet", options=SMALL, format=0, names_channels=False), resnet()),
    )
