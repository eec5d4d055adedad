package chart

import (
	"errors"
	"fmt"
	"strings"

	"github.com/seed-0d4f92cc/pack/internal/tarsafe"
)

// Conditions of input that is not a chart, or not one that can be used.
var (
	// ErrNoMetadata is returned for a folder or an archive without Chart.yaml.
	ErrNoMetadata = errors.New("Chart.yaml file is missing") //nolint:staticcheck // ST1005: it begins with the name of a file
	// ErrUnsupportedVersion is returned for an apiVersion other than v1 and v2.
	ErrUnsupportedVersion = errors.New("unsupported chart version")
	// ErrNotArchive is returned by Read for input that is not gzip.
	ErrNotArchive = tarsafe.ErrNotGzip
	// ErrTooLarge is returned for a chart over a limit of LoadOptions.
	ErrTooLarge = tarsafe.ErrTooLarge
	// ErrNotInstallable is returned for a library chart where an application
	// is wanted.
	ErrNotInstallable = errors.New("library charts are not installable")
)

// Error is what is wrong with a file of a chart.
type Error struct {
	// Path is the file or folder below the root of the outermost chart; empty
	// where the fault is not in one file.
	Path string
	// Line is counted from 1; 0 where it is not known.
	Line int
	// Data is the text of the file, for the line to be shown; nil where it is
	// not known.
	Data []byte
	Err  error
}

// Error is the text of Err, which names the file where Helm's text does so.
func (e *Error) Error() string { return e.Err.Error() }

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

// inSubchart moves an error of a subchart into its parent.
func inSubchart(err error, component, parent string) error {
	out := &Error{
		Path: "charts/" + component,
		Err:  fmt.Errorf("error unpacking subchart %s in %s: %w", component, parent, err),
	}
	if e, ok := errors.AsType[*Error](err); ok {
		out.Line, out.Data = e.Line, e.Data
		if e.Path != "" {
			out.Path += "/" + e.Path
		}
	}
	return out
}

// MissingError says which declared dependencies have no chart in charts/.
type MissingError struct {
	// Names are in the order of the declarations.
	Names []string
}

func (e *MissingError) Error() string {
	return "found in Chart.yaml, but missing in charts/ directory: " + strings.Join(e.Names, ", ")
}
