"""The pages, one file per noun; each file with a `router` is part of the application."""

from importlib import import_module
from pkgutil import iter_modules

from web.page_router import PageRouter


def page_routers() -> list[PageRouter]:
    """Return the routers of every module here, in the order in which they are tried.

    Raises TypeError for a `router` that is none of ours: it would say nothing of who may open it.
    """
    found: list[tuple[int, str, PageRouter]] = []
    for module in iter_modules(__path__, f"{__name__}."):
        router = getattr(import_module(module.name), "router", None)
        if router is None:
            continue
        if not isinstance(router, PageRouter):
            raise TypeError(f"{module.name}: its router must be a PageRouter.")
        found.append((router.order, module.name, router))
    return [router for _, _, router in sorted(found, key=lambda one: one[:2])]
