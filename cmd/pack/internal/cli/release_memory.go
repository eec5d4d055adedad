package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/seed-0d4f92cc/pack/internal/yamlio"
	"github.com/seed-0d4f92cc/pack/pkg/release"
	"github.com/seed-0d4f92cc/pack/pkg/release/memory"
	"github.com/seed-0d4f92cc/pack/pkg/render"
)

// driverMemory is the value of HELM_DRIVER with which nothing is kept and no cluster
// is reached.
const driverMemory = "memory"

// memoryBackend has the releases that the files of HELM_MEMORY_DRIVER_DATA hold, as
// Helm has them, and a cluster that only remembers.
func (s *session) memoryBackend() (release.Store, release.Cluster, error) {
	store := memory.NewStore(memory.Config{Now: s.Now})
	for _, name := range filepath.SplitList(s.getenvOr("MEMORY_DRIVER_DATA", "")) {
		if err := s.loadReleases(store, name); err != nil {
			return nil, nil, fmt.Errorf("HELM_MEMORY_DRIVER_DATA: %w", err)
		}
	}
	return store, memory.NewCluster(render.DefaultCapabilities()), nil
}

// loadReleases records the releases of a file, which is a list in YAML or JSON.
func (s *session) loadReleases(store release.Store, name string) error {
	text, err := s.readFile(name)
	if err != nil {
		return err
	}
	var tree any
	if err := yamlio.Unmarshal(text, &tree); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	data, err := json.Marshal(tree)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	var releases []*release.Release
	if err := json.Unmarshal(data, &releases); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	for i, rel := range releases {
		if rel == nil {
			return fmt.Errorf("%s: release %d is null", name, i+1)
		}
		if rel.Namespace == "" {
			rel.Namespace = "default"
		}
		if err := takeLabels(rel); err != nil {
			return fmt.Errorf("%s: release %d: %w", name, i+1, err)
		}
		err := store.Create(context.Background(), rel)
		if errors.Is(err, release.ErrExists) {
			err = fmt.Errorf("revision %d of release %s/%s stands there twice: %w", rel.Version, rel.Namespace, rel.Name, err)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// takeLabels gives a release the labels that its file names. Records have none: in a
// cluster they are those of the object that holds the record.
func takeLabels(rel *release.Release) error {
	text, ok := rel.Unknown["labels"]
	if !ok {
		return nil
	}
	delete(rel.Unknown, "labels")
	if err := json.Unmarshal(text, &rel.Labels); err != nil {
		return fmt.Errorf("labels: %w", err)
	}
	return release.ValidateLabels(rel.Labels)
}

// isMemory says whether records are kept in memory, where nobody else works on them.
func (s *session) isMemory() bool { return s.getenvOr("DRIVER", "") == driverMemory }
