package event

// ListDue says that it is time to read the list of subscribers anew.
type ListDue struct{}

// ListRead says which list of subscribers there is, and what came of reading
// it anew.
type ListRead struct {
	List        List   // the one in use; without a Version there is none
	Why         string // why it was not read; empty: it was, or nobody tried
	Now, Before int    // a list that has lost more than half of it, and was not taken
	With        string // what those have that it lost: "with a number"; empty: subscribers at all
}

// Sync has the list of subscribers read at its source; ListRead is the answer.
type Sync struct{}

// TagsDue says that it is time to see what others have tagged.
type TagsDue struct{}

// Find has that done; Tagged is the answer.
type Find struct{}

// Tagged is what carries the tag of an outage in somebody else's map, and did
// not get it from this box.
type Tagged struct {
	Tag   string   // its name
	Names []string // boxes and regions that carry it, sorted
	Codes []string // of clients that do, sorted
	Why   string   // why it could not be seen
}

// All are boxes, regions and clients.
func (t Tagged) All() []string { return append(t.Names[:len(t.Names):len(t.Names)], t.Codes...) }

// Overtaken says that a notice to subscribers was withdrawn before all of them
// were written down: nobody knows of the rest but its scope.
type Overtaken struct {
	Incident int
	Mass     Mass
}

func (ListDue) fact()   {}
func (ListRead) fact()  {}
func (TagsDue) fact()   {}
func (Tagged) fact()    {}
func (Overtaken) fact() {}
func (Sync) effect()    {}
func (Find) effect()    {}
