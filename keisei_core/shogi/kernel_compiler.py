"""How kernels, and functions that only kernels call, are made machine code: small, since small code is fast code here.

Numba optimises every function when it is compiled, makes machine code of it, and optimises it again as a part of each
that calls it; of a function five calls deep nothing but the last of all that is used. Here each is tidied up alone,
without which large kernels run at half the speed, and only the kernel is optimised as a whole, with everything in it.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import llvmlite.binding as llvm
from llvmlite import ir
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import Compiler

ENVIRONMENT: Final = "_ZN08NumbaEnv"
"""How the names begin under which numba looks for each function's globals."""
MOST_INLINED: Final = 60
"""Size, as LLVM counts it, of an inner function that is copied to where it is called; stages are always. By LLVM's own
250 the kernel of sound moves took a fifth longer to compile, and a seventh longer to run."""


def small_code(codegen: Any) -> Any:
    """Returns LLVM's passes for kernels: no loop is unrolled, and little is inlined.

    Most loops are over the squares of a row, as vectors, or over the eight lines around one of these, and eight copies
    of a row's work leave the caches of a core no room for what calls it.

    Returns:
        None where numba or llvmlite has no such passes; its own make larger code.
    """
    try:
        options = llvm.create_pipeline_tuning_options(speed_level=3)
        options.loop_vectorization, options.slp_vectorization = True, False
        options.loop_unrolling, options.inlining_threshold = False, MOST_INLINED
        return llvm.create_pass_builder(codegen._tm, options)
    except AttributeError:
        return None


def keep_inner(module: Any) -> None:
    """Makes functions that a kernel calls its own, so that LLVM may leave out what they are handed in vain.

    An array is seven arguments, and working memory two dozen arrays: to push them all was a quarter of a kernel's time.
    """
    for function in module.functions:
        if not function.is_declaration and function.linkage == llvm.Linkage.linkonce_odr:
            function.linkage = llvm.Linkage.internal


@contextmanager
def collecting_later() -> Iterator[None]:
    """Looks for no cycles of objects meanwhile: most that a compilation makes stays; looking is a twentieth of it."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


class KernelCode(JITCodeLibrary):
    """Machine code of a kernel, optimised once."""

    def _optimize_functions(self, module: Any) -> None:
        if (builder := small_code(self._codegen)) is None:
            super()._optimize_functions(module)  # type: ignore[no-untyped-call]
            return
        module.data_layout = self._codegen._data_layout
        passes = builder.getFunctionPassManager()
        for function in module.functions:
            passes.run(function, builder)

    def _optimize_final_module(self) -> None:
        if (builder := small_code(self._codegen)) is None:
            super()._optimize_final_module()  # type: ignore[no-untyped-call]
            return
        keep_inner(self._final_module)
        builder.getModulePassManager().run(self._final_module, builder)


class InnerCode(KernelCode):
    """LLVM code of one inner function, to be linked into those that call it."""

    def _optimize_final_module(self) -> None:
        pass

    def _finalize_final_module(self) -> None:
        """Hands a module with nothing but the place of the function's globals to the makers of machine code."""
        place = self._codegen._create_empty_module(self.name)  # type: ignore[no-untyped-call]
        for variable in self._final_module.global_variables:
            if variable.name.startswith(ENVIRONMENT):
                pointer = ir.GlobalVariable(place, ir.PointerType(ir.IntType(8)), variable.name)
                pointer.linkage, pointer.initializer = "common", ir.Constant(pointer.value_type, None)
        self._place = llvm.parse_assembly(str(place))
        self._codegen._add_module(self._place)  # type: ignore[no-untyped-call]
        self._finalized = True


class KernelCompiler(Compiler):
    """Numba's steps, with another place for what comes out."""

    code: type[KernelCode] = KernelCode
    """What comes out."""

    def _compile_core(self) -> Any:
        codegen, name = self.state.targetctx.codegen(), self.state.func_id.func_qualname
        library = self.code(codegen, name)
        library.enable_object_caching()  # type: ignore[no-untyped-call]
        self.state.library = library
        with collecting_later():
            return super()._compile_core()  # type: ignore[no-untyped-call]


class InnerCompiler(KernelCompiler):
    """The same for a function that only kernels call."""

    code = InnerCode
