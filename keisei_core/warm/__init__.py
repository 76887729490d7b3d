"""Compiling all kernels at once, in processes side by side, so that no command waits for its own later."""

from keisei_core.warm.compile_all import Report, compile_ahead, compile_all, compile_missing
from keisei_core.warm.warm_ups import Done, WarmUp, installed_warm_ups

__all__ = ["Done", "Report", "WarmUp", "compile_ahead", "compile_all", "compile_missing", "installed_warm_ups"]
