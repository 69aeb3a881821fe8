"""A hazard model as plain values (dicts, lists, numbers), for JSON, and back; nothing is lost on the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from core.survival.hazard import Basis, Effects, Hazard, Setting
from core.survival.logistic import Logistic


def plain(model: Hazard) -> dict[str, Any]:
    """The model as JSON can hold it (the covariance stays behind)."""
    return {
        "knots": [list(one) for one in model.basis.knots],
        "pairs": [list(one) for one in model.basis.pairs],
        "centre": model.basis.centre.tolist(),
        "scale": model.basis.scale.tolist(),
        "effects": [{"keys": one.keys.tolist(), "values": one.values.tolist()} for one in model.effects],
        "weights": model.model.weights.tolist(),
        "intercept": float(model.model.intercept),
        "rows": model.model.rows,
        "stayed": float(model.model.stayed),
        "setting": asdict(model.setting),
    }


def from_plain(values: Mapping[str, Any]) -> Hazard:
    """The model that `plain` wrote down. Raises ValueError if its parts do not fit together."""
    basis = Basis(
        tuple(tuple(float(knot) for knot in one) for one in values["knots"]),
        np.array(values["centre"], dtype=np.float64),
        np.array(values["scale"], dtype=np.float64),
        tuple((int(a), int(b)) for a, b in values["pairs"]),
    )
    category, task = (
        Effects(np.array(one["keys"], dtype=np.int32), np.array(one["values"], dtype=np.float64))
        for one in values["effects"]
    )
    weights = np.array(values["weights"], dtype=np.float64)
    if basis.owner.shape[1] != len(basis) or len(weights) != len(basis) + 2:
        raise ValueError("This model's knots, pairs and weights do not belong together: fit it again.")
    model = Logistic(weights, float(values["intercept"]), int(values["rows"]), float(values["stayed"]))
    return Hazard(basis, (category, task), model, Setting(**values["setting"]))
