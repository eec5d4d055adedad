// Package blockgzip writes gzip, several blocks at once. The bytes depend on
// what is written and on nothing else: not on the number of processors, nor on
// the sizes of the calls, nor on the version of Go.
package blockgzip

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"io"
	"runtime"

	"github.com/klauspost/compress/flate"
)

const (
	// blockLen is how much is compressed at a time. Other lengths make other
	// bytes.
	blockLen = 1 << 20
	// window is how far back deflate can refer: what each block knows of the
	// one before it.
	window = 32 << 10
	// level makes files that are four in a hundred larger than those of
	// compress/gzip at its default, in two fifths of the time.
	level = 6
	// maxWorkers bounds the memory of blocks under way.
	maxWorkers = 8
)

// Writer compresses what is written to it. Close ends the file.
type Writer struct {
	w       io.Writer
	workers int
	// block is what has not been handed on yet, last the end of what was.
	block, last []byte
	// running are the blocks under way, in their order.
	running []*job
	begun   bool
	sum     uint32
	size    uint32
	err     error
}

// NewWriter returns a Writer of one file to w. Once it has been written to,
// Close has to be called, after errors too: goroutines may be at work until
// then.
func NewWriter(w io.Writer) *Writer {
	return &Writer{w: w, workers: min(runtime.GOMAXPROCS(0), maxWorkers)}
}

// Write takes p on. The error can be that of an earlier part.
func (z *Writer) Write(p []byte) (int, error) {
	written := 0
	for len(p) > 0 && z.err == nil {
		if z.block == nil {
			z.block = make([]byte, 0, blockLen)
		}
		n := min(len(p), blockLen-len(z.block))
		z.block = append(z.block, p[:n]...)
		p = p[n:]
		written += n
		if len(z.block) == blockLen {
			z.start(false)
		}
	}
	return written, z.err
}

// Close writes what is left, and the end of the file. It does not close the
// writer below.
func (z *Writer) Close() error {
	if z.err == nil {
		z.start(true)
	}
	for len(z.running) > 0 {
		z.finish()
	}
	var trailer [8]byte
	binary.LittleEndian.PutUint32(trailer[:4], z.sum)
	binary.LittleEndian.PutUint32(trailer[4:], z.size)
	z.put(trailer[:])
	return z.err
}

// start compresses the block in a goroutine, when one is free.
func (z *Writer) start(final bool) {
	j := &job{in: z.block, dict: z.last, final: final, done: make(chan struct{})}
	z.running = append(z.running, j)
	go j.run()
	z.sum = crc32.Update(z.sum, crc32.IEEETable, z.block)
	z.size += uint32(len(z.block)) //nolint:gosec // G115: the format has the size modulo 2³²
	if len(z.block) > window {
		z.last = z.block[len(z.block)-window:]
	}
	z.block = nil
	if len(z.running) > z.workers {
		z.finish()
	}
}

// finish waits for the first block and writes it.
func (z *Writer) finish() {
	j := z.running[0]
	z.running = z.running[1:]
	<-j.done
	if z.err == nil {
		z.err = j.err
	}
	if !z.begun {
		z.begun = true
		z.put([]byte{0x1f, 0x8b, 8, 9: 0xff}) // no name, time and system
	}
	z.put(j.out.Bytes())
}

func (z *Writer) put(data []byte) {
	if z.err == nil {
		_, z.err = z.w.Write(data)
	}
}

// job is the compression of one block.
type job struct {
	in, dict []byte
	final    bool
	out      bytes.Buffer
	err      error
	done     chan struct{}
}

func (j *job) run() {
	defer close(j.done)
	// A writer that is used again could remember.
	fw, err := flate.NewWriterDict(&j.out, level, j.dict)
	if err == nil {
		_, err = fw.Write(j.in)
	}
	switch {
	case err != nil:
	case j.final:
		err = fw.Close()
	default:
		err = fw.Flush()
	}
	j.err = err
}
