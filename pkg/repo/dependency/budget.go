package dependency

import (
	"bytes"
	"errors"
	"fmt"
	"sync"

	"github.com/seed-0d4f92cc/pack/pkg/chart"
)

// maxBytes bounds the charts that a chart depends on together, packed and
// unpacked: with more in its charts folder it could not be read.
const maxBytes = chart.DefaultMaxBytes

// maxCharts bounds how many charts the local charts have that a chart depends
// on: with few folders there can be very many of them.
const maxCharts = 5000

// budget counts the charts of one call. One chart at a time is unpacked, so that
// many that are large do not fill the memory together.
type budget struct {
	mu       sync.Mutex
	packed   int64
	unpacked int64
	charts   int
}

// count counts a local chart with all that is below it.
func (b *budget) count(c *chart.Chart) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.unpacked += sizeOf(c)
	for range c.All() {
		b.charts++
	}
	if b.charts > maxCharts || b.unpacked > maxBytes {
		return fmt.Errorf("the local charts that are needed have more than %d charts or %d bytes together: %w", maxCharts, int64(maxBytes), chart.ErrTooLarge)
	}
	return nil
}

// take counts what comes over the network.
func (b *budget) take(n int) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.packed += int64(n)
	if b.packed > maxBytes {
		return errBudget
	}
	return nil
}

var errBudget = fmt.Errorf("the dependencies have more than %d bytes together: %w", int64(maxBytes), chart.ErrTooLarge)

// read reads an archive and counts it.
func (b *budget) read(data []byte) (*chart.Chart, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	left := maxBytes - b.unpacked
	if left <= 0 {
		return nil, errBudget
	}
	c, err := chart.Read(bytes.NewReader(data), chart.LoadOptions{MaxBytes: left, AnyVersion: true})
	if errors.Is(err, chart.ErrTooLarge) && left < maxBytes {
		return nil, errBudget
	}
	if err != nil {
		return nil, err
	}
	b.unpacked += sizeOf(c)
	return c, nil
}

// sizeOf is how many bytes the files of a chart and its subcharts have.
func sizeOf(c *chart.Chart) int64 {
	var n int64
	for _, sub := range c.All() {
		n += int64(len(sub.RawValues()))
		if schema := sub.Schema(); schema != nil {
			n += int64(len(schema.Data))
		}
		for _, files := range [][]chart.File{sub.Templates(), sub.Files()} {
			for _, f := range files {
				n += int64(len(f.Data))
			}
		}
	}
	return n
}
