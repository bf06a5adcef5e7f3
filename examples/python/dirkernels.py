"""Deep imbalanced regression from Python: libdirkernels with numpy arrays, by ctypes, in one file.

    import numpy as np, dirkernels as dk
    weights = dk.label_weights(labels)                  # float32, mean 1
    model = dk.Model("prices.model")
    values = model.predict(rows)                        # rows as they stand in the table of the training

The library is looked for in the environment variable DIRKERNELS_LIBRARY, then beside this file, then where the system looks. Arrays are handed over where they
lie: an array of another type or layout than the one asked for is a TypeError, never a silent copy; anything that is no array (a list) is converted. What the
library refuses is a DirKernelsError with its sentence. Everything may be used from several threads: ctypes lets others run during a call.
"""

import ctypes
import json
import os
from ctypes import POINTER, byref, c_char_p, c_double, c_float, c_int32, c_int64, c_size_t, c_uint32, c_void_p

import numpy as np

__all__ = ["Bins", "DirKernelsError", "FeatureSmoothing", "Model", "Moments", "bin_weights", "instruction_set", "label_weights", "set_threads"]

ABI_MAJOR, ABI_MINOR = 1, 0

KERNELS = {None: 0, "gaussian": 1, "truncated-gaussian": 2, "laplace": 3, "triangular": 4}
REWEIGHTINGS = {None: 0, "sqrt-inverse": 1, "inverse": 2, "power": 3}
BOUNDARIES = {"zero": 0, "symmetric": 1}
EMPTY_BINS = {"exclude": 0, "fill": 1, "keep": 2}
PARTS = {"both": 0, "mean": 1}
MASSES = {"uniform": 0, "count": 1}


class DirKernelsError(Exception):
    """What the library refused: its sentence, and the status (2 argument, 3 data, 4 handle, 5 state, 6 memory, ...)."""

    def __init__(self, status, message):
        super().__init__(message)
        self.status = status


class _LabelOptions(ctypes.Structure):
    _fields_ = [
        ("struct_size", c_size_t), ("kernel", c_int32), ("kernel_size", c_int32), ("kernel_sigma", c_double), ("reweighting", c_int32),
        ("boundary", c_int32), ("power", c_double), ("clip_lower", c_double), ("clip_upper", c_double),
    ]


class _FeatureOptions(ctypes.Structure):
    _fields_ = [
        ("struct_size", c_size_t), ("block_size", c_int32), ("kernel", c_int32), ("kernel_size", c_int32), ("empty_bins", c_int32),
        ("kernel_sigma", c_double), ("momentum", c_double), ("clip_lower", c_double), ("clip_upper", c_double), ("shrinkage", c_double),
        ("strength", c_double), ("parts", c_int32), ("mass", c_int32),
    ]


class _FeatureReport(ctypes.Structure):
    _fields_ = [
        ("struct_size", c_size_t), ("samples", c_int64), ("epoch", c_int32), ("bins", c_int32), ("ridged_bins", c_int32),
        ("diagonal_bins", c_int32), ("unchanged_bins", c_int32), ("reserved", c_int32),
    ]


class _ModelInfo(ctypes.Structure):
    _fields_ = [
        ("struct_size", c_size_t), ("inputs", c_int32), ("targets", c_int32), ("has_uncertainty", c_int32), ("takes_table_rows", c_int32),
        ("bins", c_int32), ("hidden_layers", c_int32),
    ]


_OUT = POINTER(c_void_p)
_PROTOTYPES = {
    "dk_set_threads": [c_int32],
    "dk_bins_automatic": [c_void_p, c_size_t, _OUT],
    "dk_bins_quantiles": [c_void_p, c_size_t, c_int32, _OUT],
    "dk_bins_uniform": [c_double, c_double, c_int32, _OUT],
    "dk_bins_edges": [c_void_p, c_size_t, _OUT],
    "dk_bins_count": [c_void_p, POINTER(c_int32)],
    "dk_bins_get_edges": [c_void_p, c_void_p, c_size_t],
    "dk_bins_assign": [c_void_p, c_void_p, c_size_t, c_void_p],
    "dk_bins_free": [c_void_p],
    "dk_lds_options_init": [POINTER(_LabelOptions)],
    "dk_label_weights": [c_void_p, c_size_t, c_void_p, POINTER(_LabelOptions), c_void_p, c_size_t],
    "dk_bin_weights": [c_void_p, c_size_t, c_void_p, POINTER(_LabelOptions), c_void_p, c_void_p],
    "dk_moments_create": [c_int32, c_int32, c_int32, _OUT],
    "dk_moments_accumulate": [c_void_p, c_void_p, c_size_t, c_size_t, c_void_p],
    "dk_moments_merge": [c_void_p, c_void_p],
    "dk_moments_counts": [c_void_p, c_void_p, c_size_t],
    "dk_moments_to_bytes": [c_void_p, c_void_p, c_size_t, POINTER(c_size_t)],
    "dk_moments_from_bytes": [c_void_p, c_size_t, _OUT],
    "dk_moments_free": [c_void_p],
    "dk_fds_options_init": [POINTER(_FeatureOptions)],
    "dk_fds_create": [c_int32, c_int32, POINTER(_FeatureOptions), _OUT],
    "dk_fds_accumulate": [c_void_p, c_void_p, c_size_t, c_size_t, c_void_p],
    "dk_fds_merge": [c_void_p, c_void_p],
    "dk_fds_end_epoch": [c_void_p, POINTER(_FeatureReport)],
    "dk_fds_calibrate": [c_void_p, c_void_p, c_size_t, c_size_t, c_void_p, c_void_p],
    "dk_fds_calibrate_gradient": [c_void_p, c_void_p, c_size_t, c_size_t, c_void_p, c_void_p],
    "dk_fds_save": [c_void_p, c_char_p],
    "dk_fds_load": [c_char_p, _OUT],
    "dk_fds_free": [c_void_p],
    "dk_model_load": [c_char_p, _OUT],
    "dk_model_load_memory": [c_void_p, c_size_t, _OUT],
    "dk_model_get_info": [c_void_p, POINTER(_ModelInfo)],
    "dk_model_describe": [c_void_p, c_void_p, c_size_t, POINTER(c_size_t)],
    "dk_model_predict": [c_void_p, c_void_p, c_size_t, c_size_t, c_void_p, c_size_t, c_void_p, c_size_t],
    "dk_model_predict_f64": [c_void_p, c_void_p, c_size_t, c_size_t, c_void_p, c_size_t, c_void_p, c_size_t],
    "dk_model_free": [c_void_p],
}


def _load():
    beside = os.path.join(os.path.dirname(os.path.abspath(__file__)), "libdirkernels.so")
    path = os.environ.get("DIRKERNELS_LIBRARY") or (beside if os.path.exists(beside) else "libdirkernels.so.1")
    library = ctypes.CDLL(path)
    library.dk_abi_version.restype = c_uint32
    library.dk_last_error.restype = c_char_p
    library.dk_instruction_set.restype = c_char_p
    version = library.dk_abi_version()
    if version == 0:
        raise ImportError(library.dk_last_error().decode())
    if version >> 16 != ABI_MAJOR or version & 0xFFFF < ABI_MINOR:
        raise ImportError(f"{path} has version {version >> 16}.{version & 0xFFFF} of its interface, but {ABI_MAJOR}.{ABI_MINOR} is needed")
    for name, arguments in _PROTOTYPES.items():
        function = getattr(library, name)
        function.argtypes, function.restype = arguments, c_int32
    return library


_library = _load()


def _call(name, *arguments):
    status = getattr(_library, name)(*arguments)
    if status != 0:
        raise DirKernelsError(status, _library.dk_last_error().decode())


def _array(value, dtype, name, dimensions):
    """The value as an array whose memory can be handed over; arrays are not copied."""
    if not isinstance(value, np.ndarray):
        value = np.ascontiguousarray(value, dtype)
    if value.dtype != dtype or value.ndim != dimensions or not value.flags.c_contiguous:
        kind = f"{value.ndim}-dimensional {value.dtype}{'' if value.flags.c_contiguous else ', not contiguous'}"
        raise TypeError(f"{name} must be a contiguous {dimensions}-dimensional array of {np.dtype(dtype)}, but is {kind}")
    return value


def _result(out, shape, dtype, name):
    """A new array, or the caller's after a check."""
    if out is None:
        return np.empty(shape, dtype)
    if not isinstance(out, np.ndarray) or not out.flags.writeable:
        raise TypeError(f"{name} must be an array that can be written")
    out = _array(out, dtype, name, len(shape))
    if out.shape != shape:
        raise ValueError(f"{name} has shape {out.shape}, but {shape} is needed")
    return out


def _rows(features, bins):
    features = _array(features, np.float32, "features", 2)
    bins = _array(bins, np.int32, "bins", 1)
    if len(features) != len(bins):
        raise ValueError(f"features has {len(features)} rows, but bins has {len(bins)} entries")
    return features, bins


def _choice(choices, value, name):
    if value not in choices:
        raise ValueError(f"{name}: {value!r} is none of {', '.join(map(repr, choices))}")
    return choices[value]


class _Handle:
    """An object of the library, freed with this one; may be used in a with statement."""

    _free = ""

    def __init__(self, create, *arguments):
        self._handle = c_void_p()
        _call(create, *arguments, byref(self._handle))

    def close(self):
        handle, self._handle = getattr(self, "_handle", None), None
        if handle:
            getattr(_library, self._free)(handle)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def __del__(self):
        self.close()


def instruction_set():
    """Of the build that was picked for this processor: x86-64-v2, -v3, -v4 or arm64."""
    return _library.dk_instruction_set().decode()


def set_threads(threads):
    """Threads that objects made afterwards share large operations between; 0 means one for each processor."""
    _call("dk_set_threads", threads)


class Bins(_Handle):
    """Bins of the label axis: Bins.automatic(labels), Bins.quantiles(labels, n), Bins.uniform(lower, width, count) or Bins.edges(edges)."""

    _free = "dk_bins_free"

    @classmethod
    def automatic(cls, labels):
        labels = _array(labels, np.float64, "labels", 1)
        return cls("dk_bins_automatic", labels.ctypes.data, len(labels))

    @classmethod
    def quantiles(cls, labels, count):
        labels = _array(labels, np.float64, "labels", 1)
        return cls("dk_bins_quantiles", labels.ctypes.data, len(labels), count)

    @classmethod
    def uniform(cls, lower, width, count):
        return cls("dk_bins_uniform", lower, width, count)

    @classmethod
    def edges(cls, edges):
        edges = _array(edges, np.float64, "edges", 1)
        return cls("dk_bins_edges", edges.ctypes.data, len(edges))

    def __len__(self):
        count = c_int32()
        _call("dk_bins_count", self._handle, byref(count))
        return count.value

    def get_edges(self):
        """The B + 1 edges."""
        edges = np.empty(len(self) + 1)
        _call("dk_bins_get_edges", self._handle, edges.ctypes.data, len(edges))
        return edges

    def assign(self, labels, out=None):
        """The bin of each label, int32."""
        labels = _array(labels, np.float64, "labels", 1)
        out = _result(out, labels.shape, np.int32, "out")
        _call("dk_bins_assign", self._handle, labels.ctypes.data, len(labels), out.ctypes.data)
        return out


def _label_options(kernel, size, sigma, reweighting, power, clip, boundary):
    options = _LabelOptions()
    _call("dk_lds_options_init", byref(options))
    options.kernel, options.kernel_size, options.kernel_sigma = _choice(KERNELS, kernel, "kernel"), size, sigma
    options.reweighting, options.power = _choice(REWEIGHTINGS, reweighting, "reweighting"), power
    options.boundary = _choice(BOUNDARIES, boundary, "boundary")
    if clip is not None:
        options.clip_lower, options.clip_upper = clip
    return options


def label_weights(labels, bins=None, *, kernel="gaussian", size=5, sigma=2.0, reweighting="sqrt-inverse", power=0.5, clip=None, boundary="zero", out=None):
    """One weight per label, float32 of mean 1, by label distribution smoothing; bins None: automatic ones."""
    labels = _array(labels, np.float64, "labels", 1)
    options = _label_options(kernel, size, sigma, reweighting, power, clip, boundary)
    out = _result(out, labels.shape, np.float32, "out")
    _call("dk_label_weights", labels.ctypes.data, len(labels), None if bins is None else bins._handle, byref(options), out.ctypes.data, out.size)
    return out


def bin_weights(counts, bins, *, kernel="gaussian", size=5, sigma=2.0, reweighting="sqrt-inverse", power=0.5, clip=None, boundary="zero"):
    """Effective density and weight of each bin, from counts of training labels."""
    counts = _array(counts, np.float64, "counts", 1)
    options = _label_options(kernel, size, sigma, reweighting, power, clip, boundary)
    density, weights = np.empty(len(counts)), np.empty(len(counts))
    _call("dk_bin_weights", counts.ctypes.data, len(counts), bins._handle, byref(options), density.ctypes.data, weights.ctypes.data)
    return density, weights


class Moments(_Handle):
    """Number, mean and scatter of the features of each bin, gathered in parts and merged. block: 1 diagonal, 0 full, g blocks of g."""

    _free = "dk_moments_free"

    def __init__(self, dimensions, bins, block=1):
        super().__init__("dk_moments_create", dimensions, bins, block)
        self.bins = bins

    @classmethod
    def from_bytes(cls, data, bins):
        moments = cls.__new__(cls)
        _Handle.__init__(moments, "dk_moments_from_bytes", ctypes.cast(c_char_p(data), c_void_p), len(data))
        moments.bins = bins
        return moments

    def accumulate(self, features, bins):
        features, bins = _rows(features, bins)
        _call("dk_moments_accumulate", self._handle, features.ctypes.data, *features.shape, bins.ctypes.data)

    def merge(self, other):
        _call("dk_moments_merge", self._handle, other._handle)

    def counts(self):
        counts = np.empty(self.bins, np.int64)
        _call("dk_moments_counts", self._handle, counts.ctypes.data, len(counts))
        return counts

    def to_bytes(self):
        needed = c_size_t()
        _call("dk_moments_to_bytes", self._handle, None, 0, byref(needed))
        data = np.empty(needed.value, np.uint8)
        _call("dk_moments_to_bytes", self._handle, data.ctypes.data, len(data), byref(needed))
        return data.tobytes()


class FeatureSmoothing(_Handle):
    """Feature distribution smoothing beside any training loop: accumulate, end_epoch, calibrate, calibrate_gradient; save and FeatureSmoothing.load."""

    _free = "dk_fds_free"

    def __init__(self, dimensions, bins, *, block=1, kernel="gaussian", size=5, sigma=2.0, momentum=0.9, empty_bins="exclude", clip=(0.1, 10.0),
                 shrinkage=None, strength=1.0, parts="both", mass="uniform"):
        options = _FeatureOptions()
        _call("dk_fds_options_init", byref(options))
        options.block_size, options.kernel, options.kernel_size, options.kernel_sigma = block, _choice(KERNELS, kernel, "kernel"), size, sigma
        options.momentum = -1.0 if momentum is None else momentum
        options.empty_bins = _choice(EMPTY_BINS, empty_bins, "empty_bins")
        options.clip_lower, options.clip_upper = clip
        options.shrinkage = -1.0 if shrinkage is None else shrinkage
        options.strength, options.parts, options.mass = strength, _choice(PARTS, parts, "parts"), _choice(MASSES, mass, "mass")
        super().__init__("dk_fds_create", dimensions, bins, byref(options))

    @classmethod
    def load(cls, path):
        smoothing = cls.__new__(cls)
        _Handle.__init__(smoothing, "dk_fds_load", os.fsencode(path))
        return smoothing

    def save(self, path):
        _call("dk_fds_save", self._handle, os.fsencode(path))

    def accumulate(self, features, bins):
        features, bins = _rows(features, bins)
        _call("dk_fds_accumulate", self._handle, features.ctypes.data, *features.shape, bins.ctypes.data)

    def merge(self, moments):
        _call("dk_fds_merge", self._handle, moments._handle)

    def end_epoch(self):
        """Ends the epoch; a dictionary of what it came to."""
        report = _FeatureReport(struct_size=ctypes.sizeof(_FeatureReport))
        _call("dk_fds_end_epoch", self._handle, byref(report))
        return {name: getattr(report, name) for name, _ in _FeatureReport._fields_[1:-1]}

    def calibrate(self, features, bins, out=None):
        return self._map("dk_fds_calibrate", features, bins, out)

    def calibrate_gradient(self, gradient, bins, out=None):
        return self._map("dk_fds_calibrate_gradient", gradient, bins, out)

    def _map(self, name, rows, bins, out):
        rows, bins = _rows(rows, bins)
        out = _result(out, rows.shape, np.float32, "out")
        _call(name, self._handle, rows.ctypes.data, *rows.shape, bins.ctypes.data, out.ctypes.data)
        return out


class Model(_Handle):
    """A trained model: Model(path) or Model.from_bytes(data). info holds its sizes, description what its file tells."""

    _free = "dk_model_free"

    def __init__(self, path):
        super().__init__("dk_model_load", os.fsencode(path))
        self._read_info()

    @classmethod
    def from_bytes(cls, data):
        model = cls.__new__(cls)
        _Handle.__init__(model, "dk_model_load_memory", ctypes.cast(c_char_p(data), c_void_p), len(data))
        model._read_info()
        return model

    def _read_info(self):
        info = _ModelInfo(struct_size=ctypes.sizeof(_ModelInfo))
        _call("dk_model_get_info", self._handle, byref(info))
        self.info = {name: getattr(info, name) for name, _ in _ModelInfo._fields_[1:]}

    @property
    def description(self):
        needed = c_size_t()
        _call("dk_model_describe", self._handle, None, 0, byref(needed))
        text = ctypes.create_string_buffer(needed.value)
        _call("dk_model_describe", self._handle, text, needed.value, byref(needed))
        return json.loads(text.value)

    def predict(self, rows, out=None):
        """Values of rows, float64; rows are float32 or float64, as they stand in the table of the training."""
        return self._predict(rows, out, None)

    def predict_with_uncertainty(self, rows, out=None, uncertainty=None):
        """Values and their standard deviations, for models that know them."""
        shape = (len(rows),)
        uncertainty = _result(uncertainty, shape, np.float64, "uncertainty")
        return self._predict(rows, out, uncertainty), uncertainty

    def _predict(self, rows, out, uncertainty):
        double = isinstance(rows, np.ndarray) and rows.dtype == np.float64
        rows = _array(rows, np.float64 if double else np.float32, "rows", 2)
        targets = self.info["targets"]
        out = _result(out, (len(rows),) if targets == 1 else (len(rows), targets), np.float64, "out")
        count, pointer = (0, None) if uncertainty is None else (uncertainty.size, uncertainty.ctypes.data)
        name = "dk_model_predict_f64" if double else "dk_model_predict"
        _call(name, self._handle, rows.ctypes.data, *rows.shape, out.ctypes.data, out.size, pointer, count)
        return out
