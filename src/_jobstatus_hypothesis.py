"""Teaches Hypothesis to draw JobStatus, Codec and Lifecycle. The entry point calls `register`.

Every process that imports Hypothesis runs this module. It is outside the package, so that it does
not import the package and still works if the package is damaged.
"""

import sys
from typing import Any, get_origin

# The modules of the types that need a strategy of their own.
_MODULES = {
    "JobStatus": "jobstatus._status",
    "Lifecycle": "jobstatus.lifecycle",
    "Codec": "jobstatus.codec",
}


def register() -> None:
    """Register the types with Hypothesis, if it and the package have been imported.

    Hypothesis calls this when it is imported. The package calls it if it is imported later. If
    importing Hypothesis failed in between, only this module is left of it.
    """
    if "hypothesis" not in sys.modules:
        return
    for name, module in _MODULES.items():
        type_ = getattr(sys.modules.get(module), name, None)
        if isinstance(type_, type):
            from hypothesis.strategies import register_type_strategy

            register_type_strategy(type_, _resolve)


def _resolve(type_: Any) -> Any:
    # Hypothesis also calls this for the base types, such as Hashable.
    class_ = get_origin(type_) or type_
    name = getattr(class_, "__name__", "")
    if name not in _MODULES or class_.__module__ != _MODULES[name]:
        return NotImplemented
    from jobstatus.strategies import codecs, lifecycles
    from jobstatus.strategies._payloads import from_type

    return {"Codec": codecs, "Lifecycle": lifecycles}.get(name, lambda: from_type(type_))()
