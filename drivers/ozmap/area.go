package ozmap

import (
	"encoding/json"
	"math"
)

// point is longitude and latitude, as GeoJSON has them (RFC 7946 §3.1.1).
type point [2]float64

// area is a polygon: an outer ring, and holes (RFC 7946 §3.1.6).
type area struct {
	rings    [][]point
	low, top point // its box
	size     float64
}

// UnmarshalJSON reads a polygon. One that is not well formed is empty: nobody
// lives in it, and the rest of the list is of use all the same.
func (a *area) UnmarshalJSON(text []byte) error {
	*a = area{}
	var usual struct{ Coordinates [][]point }
	var single struct{ Coordinates []point }
	switch {
	case json.Unmarshal(text, &usual) == nil:
		a.rings = usual.Coordinates
	case json.Unmarshal(text, &single) == nil: // a ring without its list, as the older pages show
		a.rings = [][]point{single.Coordinates}
	}
	a.low, a.top = point{math.Inf(1), math.Inf(1)}, point{math.Inf(-1), math.Inf(-1)}
	for n, ring := range a.rings {
		for _, p := range ring {
			for axis := range p {
				a.low[axis], a.top[axis] = min(a.low[axis], p[axis]), max(a.top[axis], p[axis])
			}
		}
		if n == 0 {
			a.size = surface(ring)
		}
	}
	return nil
}

// surface is the shoelace formula; its unit does not matter.
func surface(ring []point) float64 {
	sum := 0.0
	for i, p := range ring {
		q := ring[(i+1)%len(ring)]
		sum += p[0]*q[1] - q[0]*p[1]
	}
	return math.Abs(sum) / 2
}

// holds tells whether a point lies inside: a line from it to the east crosses
// the rings an odd number of times.
func (a area) holds(p point) bool {
	if p[0] < a.low[0] || p[0] > a.top[0] || p[1] < a.low[1] || p[1] > a.top[1] {
		return false
	}
	inside := false
	for _, ring := range a.rings {
		for i, u := range ring {
			v := ring[(i+1)%len(ring)]
			if (u[1] > p[1]) != (v[1] > p[1]) && p[0] < (v[0]-u[0])*(p[1]-u[1])/(v[1]-u[1])+u[0] {
				inside = !inside
			}
		}
	}
	return inside
}
