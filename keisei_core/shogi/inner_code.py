"""How functions that only kernels call are compiled: their code waits, as it was written, for the kernel's.

Numba optimises every function when it is compiled, makes machine code of it, and optimises it again as a part of each
that calls it; of a function five calls deep nothing but the last of all that is used. Here each is tidied up alone,
without which large kernels run at half the speed, and only the kernel is optimised as a whole, with everything in it.
"""

from typing import Any, Final

import llvmlite.binding
from llvmlite import ir
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import Compiler

ENVIRONMENT: Final = "_ZN08NumbaEnv"
"""How the names begin under which numba looks for each function's globals."""


class InnerCode(JITCodeLibrary):
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
        self._place = llvmlite.binding.parse_assembly(str(place))
        self._codegen._add_module(self._place)  # type: ignore[no-untyped-call]
        self._finalized = True


class InnerCompiler(Compiler):
    """Numba's steps, with another place for what comes out."""

    def _compile_core(self) -> Any:
        codegen, name = self.state.targetctx.codegen(), self.state.func_id.func_qualname
        library = InnerCode(codegen, name)  # type: ignore[no-untyped-call]
        library.enable_object_caching()  # type: ignore[no-untyped-call]
        self.state.library = library
        return super()._compile_core()  # type: ignore[no-untyped-call]
