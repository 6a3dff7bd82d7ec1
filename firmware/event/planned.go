package event

// Kinds of notices about planned work.
const (
	Maintenance Kind = "maintenance"           // it is planned; said once more, it is a reminder
	Begun       Kind = "maintenance-begun"     // it begins
	Moved       Kind = "maintenance-moved"     // it has another time
	Overran     Kind = "maintenance-overran"   // its time is up and it is not over
	Completed   Kind = "maintenance-completed" // it is over
	CalledOff   Kind = "maintenance-cancelled" // it will not take place
)

// Works lists the kinds of planned work in the order in which they come.
func Works() []Kind { return []Kind{Maintenance, Begun, Moved, Overran, Completed, CalledOff} }
