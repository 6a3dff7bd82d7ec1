package outside

import (
	"slices"
	"strings"

	"heliograph/drivers/ozmap/ozmaptest"
)

// The map of the provider.
const (
	MapHost = "map.noc.example"
	MapURL  = "https://" + MapHost + ":9994"
	MapKey  = "rehearsal-map-key"
)

// atlas is an OZmap, with the ids of what is in it.
type atlas struct {
	*ozmaptest.Map
	clients, boxes, regions map[string]string
	tags                    map[string]string
	hand                    map[string]bool // clients who have the tag by somebody's hand
}

func newAtlas() *atlas {
	return &atlas{
		Map:     &ozmaptest.Map{Key: MapKey},
		clients: map[string]string{}, boxes: map[string]string{}, regions: map[string]string{}, tags: map[string]string{}, hand: map[string]bool{},
	}
}

// Client puts a client on the map, at the end of a drop from a box.
func (i *Internet) Client(code, box, region string) {
	a := i.atlas
	if a.regions[region] == "" {
		a.regions[region] = a.AddProject(region)
	}
	if box != "" && a.boxes[box] == "" {
		a.boxes[box] = a.AddBox(box, a.regions[region], ozmaptest.Point{})
	}
	a.clients[code] = a.AddClient(code, strings.ToUpper(code), a.boxes[box])
}

// Tag gives clients a tag by somebody's hand, and takes it from all others who
// had it so.
func (i *Internet) Tag(tag string, codes []string) {
	a := i.atlas
	if a.tags[tag] == "" {
		a.tags[tag] = a.AddTag(tag, "client")
	}
	for code, id := range a.clients {
		has := []any{}
		if slices.Contains(codes, code) {
			has = append(has, a.tags[tag])
		}
		if len(has) > 0 || a.hand[code] {
			a.Set(id, "tags", has)
		}
		a.hand[code] = len(has) > 0
	}
}

// Carriers are the clients who carry a tag.
func (i *Internet) Carriers(tag string) []string { return i.atlas.Carriers(tag) }
