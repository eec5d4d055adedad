package chart

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"

	"github.com/seed-0d4f92cc/pack/internal/tarsafe"
)

// The limits that a zero LoadOptions stands for.
const (
	DefaultMaxBytes = 100 << 20
	DefaultMaxFiles = 50_000
	DefaultMaxDepth = 64
)

// LoadOptions is how a chart is read. The zero value is what Helm allows.
type LoadOptions struct {
	// MaxBytes bounds the sum of all files, those inside archives in charts/
	// included; 0 means DefaultMaxBytes.
	MaxBytes int64
	// MaxFiles bounds the number of files and folders, counted likewise; 0
	// means DefaultMaxFiles.
	MaxFiles int
	// MaxDepth bounds how deep subcharts lie in subcharts, and how deep
	// folders lie in folders; 0 means DefaultMaxDepth.
	MaxDepth int
	// AnyVersion: a chart is loaded whatever its apiVersion says, for it to be
	// examined.
	AnyVersion bool
	// Warn is told what was passed over, a sentence at a time, before Load or
	// Read returns; nil means that nobody wants to know.
	Warn func(string)
}

// loader reads one chart with all its subcharts.
type loader struct {
	budget   *tarsafe.Budget
	maxBytes int64
	maxDepth int
	// anyVersion: the apiVersion is not looked at.
	anyVersion bool
	warn       func(string)
}

func newLoader(opts LoadOptions) *loader {
	if opts.MaxBytes <= 0 {
		opts.MaxBytes = DefaultMaxBytes
	}
	if opts.MaxFiles <= 0 {
		opts.MaxFiles = DefaultMaxFiles
	}
	if opts.MaxDepth <= 0 {
		opts.MaxDepth = DefaultMaxDepth
	}
	if opts.Warn == nil {
		opts.Warn = func(string) {}
	}
	return &loader{
		budget:     tarsafe.NewBudget(opts.MaxBytes, opts.MaxFiles),
		maxBytes:   opts.MaxBytes,
		maxDepth:   opts.MaxDepth,
		anyVersion: opts.AnyVersion,
		warn:       opts.Warn,
	}
}

// Load reads the chart whose Chart.yaml lies at the root of fsys, with all its
// subcharts, leaving out what .helmignore says. Symbolic links are followed
// where fsys does so, as os.DirFS does: hand in os.Root.FS to stay inside the
// folder. Errors are *Error, but for those of fsys at its root; ErrNoMetadata,
// ErrUnsupportedVersion and ErrTooLarge can be told apart.
func Load(fsys fs.FS, opts LoadOptions) (*Chart, error) {
	l := newLoader(opts)
	files, err := l.walk(fsys)
	if err != nil {
		return nil, err
	}
	return l.build(files, 0)
}

// Read reads a chart from a gzipped tar archive (.tgz). Names that lead out of
// the chart are refused; links and devices are left out with a warning. Errors
// are as for Load, and ErrNotArchive.
func Read(r io.Reader, opts LoadOptions) (*Chart, error) {
	return newLoader(opts).read(r, 0)
}

func (l *loader) read(r io.Reader, depth int) (*Chart, error) {
	entries, err := tarsafe.Read(r, l.budget, l.warn)
	if err != nil {
		return nil, &Error{Err: err}
	}
	files := make([]File, 0, len(entries))
	for _, e := range entries {
		files = append(files, File(e))
	}
	return l.build(files, depth)
}

func (l *loader) checkDepth(depth int) error {
	if depth > l.maxDepth {
		return &Error{Err: fmt.Errorf("%w: subcharts lie more than %d deep", ErrTooLarge, l.maxDepth)}
	}
	return nil
}

// stripBOM takes the UTF-8 byte order mark off the start of a file.
func stripBOM(data []byte) []byte {
	return bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
}
