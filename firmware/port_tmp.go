package main

import (
	"io"

	"go.bug.st/serial"
)

func openPort(path string) (io.ReadWriteCloser, error) {
	return serial.Open(path, &serial.Mode{BaudRate: 115200})
}
