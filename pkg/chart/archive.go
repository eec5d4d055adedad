package chart

import (
	"archive/tar"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/seed-0d4f92cc/pack/internal/blockgzip"
	"github.com/seed-0d4f92cc/pack/internal/yamlio"
)

// ArchiveOptions is how an archive is written.
type ArchiveOptions struct {
	// ModTime is given to all entries, and to the lock as the time of its
	// making; zero means 1980-01-01 UTC for the entries, and leaves the lock.
	ModTime time.Time
}

// errBadVersion is Helm's text.
var errBadVersion = errors.New("invalid semantic version")

// ArchiveName is the name by which archives of the chart go.
func (c *Chart) ArchiveName() string {
	return c.metadata.Name + "-" + c.metadata.Version + archiveSuffix
}

// WriteArchive writes the chart, as it was loaded, as a .tgz that Helm reads
// too. The bytes depend only on the chart and on opts. Subcharts are written
// unpacked. Chart.yaml is written anew, without comments and unknown keys, as
// Helm does it.
func (c *Chart) WriteArchive(w io.Writer, opts ArchiveOptions) error {
	zw := blockgzip.NewWriter(w)
	a := &archiver{tw: tar.NewWriter(zw), opts: opts}
	err := a.chart(c, c.Name())
	if err == nil {
		err = a.tw.Close()
	}
	// What was begun is waited for, whatever happened.
	if closeErr := zw.Close(); err == nil {
		err = closeErr
	}
	return err
}

type archiver struct {
	tw   *tar.Writer
	opts ArchiveOptions
}

// chart writes a chart into a folder of the archive.
func (a *archiver) chart(c *Chart, dir string) error {
	if err := c.metadata.Validate(); err != nil {
		return fmt.Errorf("chart validation: %w", err)
	}
	if c.schema != nil && !json.Valid(c.schema.Data) {
		return &Error{Path: schemaFile, Err: errors.New("invalid JSON in values.schema.json")}
	}
	head, err := a.head(c)
	if err != nil {
		return err
	}
	for _, list := range [][]File{head, c.templates, c.files} {
		for _, f := range list {
			if err := a.file(dir+"/"+f.Name, f.Data); err != nil {
				return err
			}
		}
	}
	taken := map[string]bool{}
	for _, sub := range c.dependencies {
		name := freeName(sub, taken)
		if err := a.chart(sub, dir+"/"+subchartsDir+name); err != nil {
			return err
		}
	}
	return nil
}

// head are the files that have a meaning of their own.
func (a *archiver) head(c *Chart) ([]File, error) {
	meta := c.metadata.clone()
	if meta.APIVersion == apiV1 {
		// They travel in requirements.yaml.
		meta.Dependencies = nil
	}
	data, err := yamlio.Marshal(meta)
	if err != nil {
		return nil, err
	}
	head := []File{{Name: metadataFile, Data: data}}
	if c.lock != nil && c.metadata.APIVersion != apiV1 {
		lock := *c.lock
		if !a.opts.ModTime.IsZero() {
			lock.Generated = a.opts.ModTime.UTC()
		}
		if data, err = yamlio.Marshal(&lock); err != nil {
			return nil, err
		}
		head = append(head, File{Name: lockFile, Data: data})
	}
	if c.rawValues != nil {
		head = append(head, File{Name: valuesFile, Data: c.rawValues})
	}
	if c.schema != nil {
		head = append(head, *c.schema)
	}
	return head, nil
}

func (a *archiver) file(name string, data []byte) error {
	mod := a.opts.ModTime
	if mod.IsZero() {
		mod = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	// The file's own ModTime would make the archive depend on when the chart
	// was checked out.
	h := &tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o644, Size: int64(len(data)), ModTime: mod.UTC().Truncate(time.Second)}
	if err := a.tw.WriteHeader(h); err != nil {
		return err
	}
	_, err := a.tw.Write(data)
	return err
}

// freeName is the folder of a subchart: its name, unless another version of
// the chart has that.
func freeName(c *Chart, taken map[string]bool) string {
	name := c.Name()
	for n := 1; taken[name]; n++ {
		name = c.Name() + "-" + c.metadata.Version
		if n > 1 {
			name = fmt.Sprintf("%s-%d", name, n)
		}
	}
	taken[name] = true
	return name
}

// WithVersion returns the chart with another version, another version of the
// application, or both; empty ones stay. Only the metadata differ.
func (c *Chart) WithVersion(version, appVersion string) (*Chart, error) {
	out := c.clone(c.parent)
	if version != "" {
		if !isVersion(version) {
			return nil, fmt.Errorf("%w: %q", errBadVersion, version)
		}
		out.metadata.Version = version
	}
	if appVersion != "" {
		out.metadata.AppVersion = appVersion
	}
	return out, nil
}
