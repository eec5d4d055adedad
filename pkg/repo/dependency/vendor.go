package dependency

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/seed-0d4f92cc/pack/internal/atomicfile"
	"github.com/seed-0d4f92cc/pack/pkg/chart"
)

// vendor gets the archives and puts them into the charts folder, once all are
// there. Archives of charts that are not needed any more are removed.
func (w *work) vendor(ctx context.Context) error {
	folder := filepath.Join(w.dir, chartsFolder)
	if info, err := os.Stat(folder); err == nil && !info.IsDir() {
		return fmt.Errorf("%q is not a directory", folder)
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("unable to retrieve file info for '%s': %w", folder, err)
	}
	list, err := w.fetchAll(ctx)
	if err != nil {
		w.m.cfg.Tell(fmt.Sprintf("Save error occurred:  %s", err))
		return err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	kept := map[string]bool{}
	for _, f := range list {
		if err := w.put(folder, f, kept); err != nil {
			return err
		}
	}
	w.m.cfg.Tell("Deleting outdated charts")
	return w.removeOutdated(folder, kept)
}

// put writes an archive into the charts folder, unless it is there.
func (w *work) put(folder string, f fetched, kept map[string]bool) error {
	kept[f.name] = true
	path := filepath.Join(folder, f.name)
	if f.prov != nil {
		kept[f.name+provSuffix] = true
		if err := atomicfile.Bytes(path+provSuffix, 0o644, f.prov); err != nil {
			return err
		}
	}
	if old, err := readBounded(path); err == nil && bytes.Equal(old, f.data) {
		return nil
	}
	return atomicfile.Bytes(path, 0o644, f.data)
}

const provSuffix = ".prov"

// removeOutdated removes the archives of charts that are neither kept nor of a
// dependency without a repository. Other files, and folders, are none of ours.
func (w *work) removeOutdated(folder string, kept map[string]bool) error {
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
		if kept[e.Name()] || e.IsDir() || strings.HasSuffix(e.Name(), provSuffix) {
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
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	c, err := chart.Read(f, chart.LoadOptions{})
	if err != nil {
		return "", err
	}
	return c.Name(), nil
}
