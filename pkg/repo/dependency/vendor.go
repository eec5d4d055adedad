package dependency

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/seed-0d4f92cc/pack/pkg/chart"
)

// chartsDir is the charts folder, which may not be there yet. One that is a link
// out of the chart is refused: nothing is written outside of what was named.
func (w *work) chartsDir() (string, error) {
	folder := filepath.Join(w.dir, chartsFolder)
	info, err := os.Stat(folder)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return folder, nil
	case err != nil:
		return "", fmt.Errorf("unable to retrieve file info for '%s': %w", folder, err)
	case !info.IsDir():
		return "", fmt.Errorf("%q is not a directory", folder)
	}
	root, err := filepath.EvalSymlinks(w.dir)
	if err != nil {
		return "", err
	}
	real, err := filepath.EvalSymlinks(folder)
	if err != nil {
		return "", err
	}
	if rel, err := filepath.Rel(root, real); err != nil || !filepath.IsLocal(rel) {
		return "", fmt.Errorf("%q is a link out of the chart, to %q: nothing is written there", folder, real)
	}
	return folder, nil
}

// replace puts archives into the charts folder, all or none, and then removes
// those of charts that are not needed any more.
func (w *work) replace(folder string, list []fetched) (err error) {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	// No chart has files in a folder of such a name.
	stage, err := os.MkdirTemp(folder, ".pack-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(stage)) }()
	kept := map[string]bool{}
	var staged []string
	for _, f := range list {
		kept[f.name] = true
		written, err := stageArchive(stage, folder, f)
		if err != nil {
			return err
		}
		staged = append(staged, written...)
	}
	for _, name := range staged {
		if err := os.Rename(filepath.Join(stage, name), filepath.Join(folder, name)); err != nil {
			return err
		}
	}
	w.m.cfg.Tell("Deleting outdated charts")
	return w.removeOutdated(folder, filepath.Base(stage), kept)
}

// stageArchive writes an archive and its provenance file into a folder for now,
// unless they are there, and returns their names.
func stageArchive(stage, folder string, f fetched) ([]string, error) {
	var names []string
	for _, file := range []struct {
		name string
		data []byte
	}{{f.name, f.data}, {f.name + provSuffix, f.prov}} {
		path := filepath.Join(folder, file.name)
		if file.data == nil {
			continue
		}
		if info, err := os.Lstat(path); err == nil && info.Mode().IsRegular() {
			if old, err := readBounded(path); err == nil && bytes.Equal(old, file.data) {
				continue
			}
		}
		if err := os.WriteFile(filepath.Join(stage, file.name), file.data, 0o644); err != nil {
			return nil, err
		}
		names = append(names, file.name)
	}
	return names, nil
}

// removeOutdated removes the archives of charts that are neither kept nor of a
// dependency without a repository. Other files, and folders, are none of ours.
func (w *work) removeOutdated(folder, stage string, kept map[string]bool) error {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	local := map[string]bool{}
	for i, d := range w.locked {
		local[d.Name] = local[d.Name] || w.places[i].kind == inCharts
	}
	for _, e := range entries {
		path := filepath.Join(folder, e.Name())
		if kept[e.Name()] || e.IsDir() || e.Name() == stage || strings.HasSuffix(e.Name(), provSuffix) {
			continue
		}
		name, err := chartIn(path)
		if err != nil {
			w.m.cfg.Tell(fmt.Sprintf("Could not verify %s for deletion: %s (Skipping)", path, err))
			continue
		}
		if local[name] {
			continue
		}
		if err := errors.Join(os.Remove(path), removeIfThere(path+provSuffix)); err != nil {
			w.m.cfg.Tell(fmt.Sprintf("Could not delete %s: %s (Skipping)", path, err))
		}
	}
	return nil
}

func removeIfThere(path string) error {
	if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// chartIn is the name of the chart in an archive.
func chartIn(path string) (string, error) {
	data, err := readBounded(path)
	if err != nil {
		return "", err
	}
	c, err := chart.Read(bytes.NewReader(data), chart.LoadOptions{AnyVersion: true})
	if err != nil {
		return "", err
	}
	return c.Name(), nil
}
