package manifest

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"
)

// Set is what rendered files hold.
type Set struct {
	// Manifests and Hooks are in install order.
	Manifests []Manifest
	Hooks     []Hook
	// Notices tell of objects that were left out, in order.
	Notices []string
}

// FromFiles reads rendered files: it splits them, tells hooks from manifests,
// and sorts both into install order. Files are taken by name; partials (whose
// base name starts with "_") and blank files are skipped. The first file with
// an unreadable document ends it with a *ParseError.
func FromFiles(files []File) (Set, error) {
	sorted := slices.Clone(files)
	slices.SortStableFunc(sorted, func(a, b File) int { return cmp.Compare(a.Path, b.Path) })
	sets := make([]Set, 0, len(sorted))
	for _, f := range sorted {
		s, err := FromFile(f)
		if err != nil {
			return Set{}, err
		}
		sets = append(sets, s)
	}
	return Join(sets), nil
}

// FromFile reads one rendered file, as FromFiles does, but leaves what it finds
// in the order of the file. It is the part of FromFiles that can be done for
// many files at once; Join does the rest.
func FromFile(f File) (Set, error) {
	var s Set
	if strings.HasPrefix(path.Base(f.Path), "_") {
		return s, nil
	}
	documents := Split(f.Content)
	for i, document := range documents {
		m, err := Parse(f.Path, document)
		if err != nil {
			return Set{}, err
		}
		if s.add(m); len(s.Manifests) == 1 {
			s.Manifests = slices.Grow(s.Manifests, len(documents)-i-1)
		}
	}
	return s, nil
}

func (s *Set) add(m Manifest) {
	if !m.IsHook() {
		s.Manifests = append(s.Manifests, m)
		return
	}
	h, ok := m.AsHook()
	if !ok {
		s.Notices = append(s.Notices, fmt.Sprintf("%s: skipping unknown hooks: %s %q has %s: %s",
			m.Path, m.Ref.Kind, m.Ref.Name, AnnotationHook, m.Annotations[AnnotationHook]))
		return
	}
	s.Hooks = append(s.Hooks, h)
}

// Join puts the sets of several files, which are given in the order of the
// files' names, into one in install order.
func Join(sets []Set) Set {
	var all Set
	manifests := 0
	for _, s := range sets {
		manifests += len(s.Manifests)
	}
	all.Manifests = slices.Grow(all.Manifests, manifests)
	for _, s := range sets {
		all.Manifests = append(all.Manifests, s.Manifests...)
		all.Hooks = append(all.Hooks, s.Hooks...)
		all.Notices = append(all.Notices, s.Notices...)
	}
	SortInstall(all.Manifests)
	SortInstallHooks(all.Hooks)
	return all
}
