//go:build unix

package main

import (
	"context"
	"os"
	"strconv"
	"strings"
	"time"
)

// The controllers work on what a program has written for seconds after it has
// ended, the longer the faster it was. They would take from the next program.
const (
	settleStep = 250 * time.Millisecond
	settleMost = 20 * time.Second
	// settleBusy is the share of the machine that may be busy when it is at rest.
	settleBusy = 0.15
)

// settle waits until the machine is at rest.
func settle(ctx context.Context) error {
	calm := 0
	busy, total := ticks()
	for end := time.Now().Add(settleMost); time.Now().Before(end) && calm < 3; {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(settleStep):
		}
		nowBusy, nowTotal := ticks()
		if nowTotal > total && float64(nowBusy-busy) < settleBusy*float64(nowTotal-total) {
			calm++
		} else {
			calm = 0
		}
		busy, total = nowBusy, nowTotal
	}
	return nil
}

// ticks are how long all processors were busy, and how long that is in all, as
// Linux counts it; zeros elsewhere, where settle waits its longest.
func ticks() (busy, total int64) {
	data, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0, 0
	}
	line, _, _ := strings.Cut(string(data), "\n")
	for i, field := range strings.Fields(line) {
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			continue // the name of the line
		}
		total += n
		if i != 4 && i != 5 { // idle, and waiting for a disk
			busy += n
		}
	}
	return busy, total
}
