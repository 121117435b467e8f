"""How often labelled statements were right; written by `benchmarks/calibration.py`.

From 7077 statements; labels that differ from the text count as wrong.
"""

from collections.abc import Mapping

ELSEWHERE: Mapping[str, float] = {
    "agreed": 0.96,
    "alone": 0.94,
    "weak": 0.79,
    "far": 0.81,
    "near": 0.76,
}
"""By company alone: for concepts that no label speaks of."""
RIGHT: Mapping[str, Mapping[str, float]] = {
    "crm_mm": {"agreed": 0.93, "alone": 0.83, "far": 0.83, "near": 0.77},
    "er_status": {"agreed": 0.97, "alone": 0.98, "far": 0.83},
    "grade": {"agreed": 0.98, "alone": 0.98, "far": 0.83, "near": 0.9},
    "her2": {"agreed": 0.82, "alone": 0.89, "far": 0.81, "near": 0.8},
    "her2_ish": {"agreed": 0.99, "alone": 0.92},
    "her2_score": {"agreed": 0.88, "alone": 0.85, "far": 0.74, "near": 0.8},
    "histology": {"agreed": 0.95, "alone": 0.94, "far": 0.91, "near": 0.82},
    "laterality": {"agreed": 1.0, "alone": 0.98, "far": 0.94, "near": 0.74},
    "lvi": {"agreed": 1.0, "alone": 0.89, "far": 0.83, "weak": 0.73},
    "margin_status": {"agreed": 0.98, "alone": 0.95, "far": 0.74, "weak": 0.93},
    "neoadjuvant": {"agreed": 0.99, "alone": 0.96, "near": 0.85},
    "nodes_examined": {"agreed": 0.93, "alone": 0.91, "far": 0.55, "near": 0.48, "weak": 0.63},
    "nodes_positive": {"agreed": 0.96, "alone": 0.97, "far": 0.81, "near": 0.72, "weak": 0.86},
    "perineural": {"agreed": 0.97, "alone": 0.96, "near": 0.78},
    "pm": {"agreed": 0.97, "alone": 0.97},
    "pn": {"agreed": 0.96, "alone": 0.96, "far": 0.83, "near": 0.87},
    "pr_status": {"agreed": 0.98, "alone": 0.93, "far": 0.79},
    "pt": {"agreed": 0.97, "alone": 0.97, "far": 0.76, "near": 0.77},
    "residual": {"agreed": 0.91, "alone": 0.93},
    "size": {"agreed": 0.96, "alone": 0.92, "far": 0.86, "near": 0.74},
    "subsite": {"agreed": 0.93, "alone": 0.79, "far": 0.84, "near": 0.58},
    "vascular": {"agreed": 0.99, "alone": 0.87, "near": 0.8, "weak": 0.91},
}
"""By concept and company."""
