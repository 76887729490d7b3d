"""Tensors that say they are on a GPU: their contents are the CPU's, and no operation may mix the two devices."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Self

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

CPU: Final = torch.device("cpu")
GPU: Final = torch.device("cuda", 0)
INSIDE: Final = torch.device("meta")
"""What torch's C++ code takes a pretended tensor for: a device that needs no driver, streams or threads. Autocast casts
nothing there, so 16 bits are not computed with."""
COPIES: Final = frozenset({"_to_copy", "copy_", "_foreach_copy_"})
"""Operations that bring contents from one device to the other."""
WAITS: Final = frozenset({"_local_scalar_dense", "_unique2", "equal", "masked_select", "nonzero"})
"""Operations whose result the CPU waits for: a number, or a shape that contents decide."""


class MixedDevicesError(RuntimeError):
    """An operation was given tensors of both devices: a GPU refuses it, or waits at every call for what it lacks."""


class PretendedTensor(Tensor):
    """A tensor of a pretended GPU."""

    content: Tensor
    __torch_function__ = torch._C._disabled_torch_function_impl  # type: ignore[assignment]

    @staticmethod
    def __new__(cls, content: Tensor) -> Self:
        """Wraps a tensor of the CPU."""
        with torch.inference_mode(content.is_inference()):  # a view is what the tensor was that it looks at
            wrapper: Self = Tensor._make_wrapper_subclass(
                cls,
                content.size(),
                strides=content.stride(),
                storage_offset=content.storage_offset(),
                dtype=content.dtype,
                layout=content.layout,
                device=INSIDE,
            )
        return wrapper

    def __init__(self, content: Tensor) -> None:
        self.content = content

    @property
    def device(self) -> torch.device:  # type: ignore[override]
        """The pretended GPU."""
        return GPU

    @property
    def is_cuda(self) -> bool:  # type: ignore[override]
        """True."""
        return True

    @property
    def is_meta(self) -> bool:  # type: ignore[override]
        """False."""
        return False

    def get_device(self) -> int:
        """Returns the number of the GPU."""
        return GPU.index

    def __repr__(self) -> str:  # type: ignore[override]
        return f"{type(self).__name__}({self.content})"

    def __tensor_flatten__(self) -> tuple[list[str], None]:
        """Names what is inside: torch asks for it when a module moves."""
        return ["content"], None

    @classmethod
    def __tensor_unflatten__(cls, inside: Mapping[str, Tensor], *_: Any) -> Self:
        """Puts together what `__tensor_flatten__` named."""
        return cls(inside["content"])

    @classmethod
    def __torch_dispatch__(  # type: ignore[override]
        cls, func: Any, types: Sequence[type], args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        """Does an operation that such a tensor takes part in."""
        return done(func, args, kwargs or {})


class PretendedGenerator(torch.Generator):
    """A random stream of either device; the CPU's draws for both."""

    place: torch.device
    """Where it says it is."""

    @staticmethod
    def __new__(cls, device: torch.device | str = CPU) -> Self:
        """Makes the stream of a device."""
        stream = super().__new__(cls, CPU)  # type: ignore[call-arg]
        stream.place = torch.device(device)
        return stream

    def __init__(self, device: torch.device | str = CPU) -> None:
        """Has no more to do."""

    @property
    def device(self) -> torch.device:  # type: ignore[override]
        """Where it says it is."""
        return self.place


class GpuCalls(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Does the operations by which tensors come to the pretended GPU."""

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False

    def __torch_dispatch__(
        self, func: Any, types: Sequence[type], args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        """Does an operation of either device."""
        return done(func, args, kwargs or {})


class GpuWords(TorchFunctionMode):
    """Looks at what torch is asked for before its C++ code does: devices by name, and random streams.

    `cuda` alone becomes `cuda:0`: torch would ask a driver which GPU is meant.
    """

    def __torch_function__(
        self, func: Any, types: Sequence[type], args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        """Calls a function of torch."""
        args, kwargs = _mapped((args, kwargs or {}), _with_index)
        _require_own_stream(func, args, kwargs)
        if func is Tensor.tolist and isinstance(args[0], PretendedTensor):  # torch has none for classes of tensors
            return args[0].cpu().tolist()
        if func is Tensor.cuda:
            return args[0].to(GPU)
        return func(*args, **kwargs)


def _with_index(word: Any) -> Any:
    return GPU if isinstance(word, str | torch.device) and str(word) == GPU.type else word


def _require_own_stream(func: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
    """Refuses to draw on one device from the stream of the other.

    Raises:
        MixedDevicesError: that was asked for.
    """
    stream = kwargs.get("generator")
    if stream is None:
        return
    drawn = next((one.device for one in args if isinstance(one, Tensor)), CPU)
    place = torch.device(kwargs.get("device") or drawn)
    if stream.device.type != place.type:
        raise MixedDevicesError(
            f"{func.__name__}: expected a random stream of {place.type}, got one of {stream.device.type}; "
            "make it by torch.Generator(device=device)"
        )


class Waits:
    """Counts, since it was made, how often the CPU had to wait for the pretended GPU."""

    total = 0
    """Of the process."""

    def __init__(self) -> None:
        self._before = Waits.total

    @property
    def count(self) -> int:
        """Numbers and tensors read by the CPU, and results whose shape contents decide."""
        return Waits.total - self._before


class Recording:
    """What a CUDA graph holds: operations on contents, done again over the same memory."""

    present: "Recording | None" = None
    """What is being recorded."""

    def __init__(self) -> None:
        self._steps: list[tuple[Any, Any, Any, Any]] = []

    @classmethod
    def note(cls, func: Any, contents: Any, settings: Any, outcome: Any) -> None:
        """Adds an operation to what is being recorded, if anything is."""
        if cls.present is not None:
            cls.present._steps.append((func, contents, settings, outcome))

    @classmethod
    def refuse_wait(cls, func: Any) -> None:
        """Refuses what makes the CPU wait while something is recorded.

        Raises:
            RuntimeError: something is.
        """
        if cls.present is not None:
            raise RuntimeError(f"{func}: not permitted while a graph is recorded: the CPU would wait for it")

    @torch.inference_mode()  # in which everything may be written to
    def again(self) -> None:
        """Does all operations again, and writes what comes of each where it was."""
        for func, contents, settings, outcome in self._steps:
            for old, new in zip(_tensors(outcome), _tensors(func(*contents, **settings)), strict=True):
                if old is not new:
                    old.copy_(new)


def done(func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Does one of torch's operations on contents and returns what comes of it, on the device that it belongs to.

    Raises:
        MixedDevicesError: tensors of both devices take part.
    """
    name = func.overloadpacket.__name__
    tensors: list[Tensor] = []
    contents, settings = _mapped((args, kwargs), lambda one: _noted(one, tensors))
    own = {id(one.content): one for one in tensors if isinstance(one, PretendedTensor)}
    if name not in COPIES:
        _require_one_device(func, tensors)
    wanted = _wanted_device(kwargs)
    goes_to_gpu = bool(own) if wanted is None else wanted.type in (GPU.type, INSIDE.type)
    if name in ("copy_", "_foreach_copy_"):
        goes_to_gpu = isinstance(tensors[0], PretendedTensor)
    if own and (name in WAITS or not goes_to_gpu):
        Recording.refuse_wait(func)
        Waits.total += 1
    settings = _on_cpu(settings)
    outcome = func(*contents, **settings)
    if not goes_to_gpu:
        return outcome
    Recording.note(func, contents, settings, outcome)
    return _mapped(outcome, lambda one: _wrapped(one, own))


def _tensors(value: Any) -> list[Tensor]:
    """Returns the tensors of what an operation takes or returns."""
    found: list[Tensor] = []
    _mapped(value, lambda one: _noted(one, found))
    return found


def _noted(one: Any, tensors: list[Tensor]) -> Any:
    """Adds a tensor to those of an operation and returns its content; anything else is returned as it is."""
    if isinstance(one, Tensor):
        tensors.append(one)
    return one.content if isinstance(one, PretendedTensor) else one


def _wrapped(one: Any, own: Mapping[int, PretendedTensor]) -> Any:
    """Returns a tensor as one of the GPU; what was changed in place stays the tensor that it was."""
    if not isinstance(one, Tensor):
        return one
    return own[id(one)] if id(one) in own else PretendedTensor(one)


def _mapped(value: Any, change: Callable[[Any], Any]) -> Any:
    """Changes all that tuples, lists and dicts hold, as torch's operations take and return them."""
    if isinstance(value, tuple | list):
        changed = [_mapped(one, change) for one in value]
        return tuple(changed) if isinstance(value, tuple) else changed
    if isinstance(value, dict):
        return {name: _mapped(one, change) for name, one in value.items()}
    return change(value)


def _wanted_device(kwargs: Mapping[str, Any]) -> torch.device | None:
    device = kwargs.get("device")
    return None if device is None else torch.device(device)


def _on_cpu(kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """Returns arguments for the CPU, which has no memory to be pinned where there is no GPU."""
    places = {"device": CPU, "pin_memory": False}
    return {name: places[name] if value and name in places else value for name, value in kwargs.items()}


def _require_one_device(func: Any, tensors: Sequence[Tensor]) -> None:
    """Refuses tensors of both devices; single numbers may stand on the CPU, as torch has it."""
    on_gpu = [isinstance(one, PretendedTensor) for one in tensors]
    if any(on_gpu) and any(one.dim() for one, there in zip(tensors, on_gpu, strict=True) if not there):
        pairs = zip(tensors, on_gpu, strict=True)
        found = ", ".join(f"{'cuda' if there else 'cpu'} {list(one.shape)}" for one, there in pairs)
        raise MixedDevicesError(f"{func}: expected tensors of one device, got {found}; bring them together by .to()")
