package isp

// LostFrom says what the filter of a lossy line should do with a caller.
func LostFrom(seed string, port uint16) bool {
	return (uint32(port)+sown(seed))*spread>>16%10 < 4
}
