"""The WSGI application named by LAB_WSGI: one module for uwsgi, whichever service and release it serves."""

import importlib
import os

_module, _, _name = os.environ["LAB_WSGI"].partition(":")
_found = getattr(importlib.import_module(_module), _name)
# Newer releases have ready applications, older ones functions that make them.
application = _found if _name == "application" else _found()
