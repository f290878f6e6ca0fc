"""Knows which names a submodule may have: nn.Module and its containers have attributes of their own."""

from __future__ import annotations

import keyword
import re

# Attributes of nn.Module and its containers: a submodule of such a name would hide one of them.
_MODULE_ATTRIBUTES = frozenset(
    {
        "T_destination",
        "add_module",
        "append",
        "apply",
        "bfloat16",
        "buffers",
        "call_super_init",
        "children",
        "clear",
        "compile",
        "cpu",
        "cuda",
        "double",
        "dump_patches",
        "eval",
        "extend",
        "extra_repr",
        "float",
        "forward",
        "get_buffer",
        "get_extra_state",
        "get_parameter",
        "get_submodule",
        "half",
        "insert",
        "ipu",
        "items",
        "keys",
        "load_state_dict",
        "modules",
        "mtia",
        "named_buffers",
        "named_children",
        "named_modules",
        "named_parameters",
        "parameters",
        "pop",
        "register_backward_hook",
        "register_buffer",
        "register_forward_hook",
        "register_forward_pre_hook",
        "register_full_backward_hook",
        "register_full_backward_pre_hook",
        "register_load_state_dict_post_hook",
        "register_load_state_dict_pre_hook",
        "register_module",
        "register_parameter",
        "register_state_dict_post_hook",
        "register_state_dict_pre_hook",
        "requires_grad_",
        "set_extra_state",
        "set_submodule",
        "share_memory",
        "state_dict",
        "to",
        "to_empty",
        "train",
        "training",
        "type",
        "update",
        "values",
        "xpu",
        "zero_grad",
    }
)


def is_attribute(text: str) -> bool:
    """Whether a submodule of this name can be written `self.text`."""
    plain = re.fullmatch(r"[A-Za-z][0-9A-Za-z_]*", text) is not None
    return plain and not keyword.iskeyword(text) and text not in _MODULE_ATTRIBUTES


def is_key(text: str) -> bool:
    """Whether a submodule of this name can stand in an OrderedDict or nn.ModuleDict."""
    return text != "" and not text.startswith("_") and text not in _MODULE_ATTRIBUTES
