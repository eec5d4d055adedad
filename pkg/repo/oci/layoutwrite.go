package oci

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2/content"
)

// create makes the folder and the files of an empty layout, where they are not
// there. A folder that has other things in it is left alone.
func (l *Layout) create() error {
	if _, err := l.index(); err == nil || !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.MkdirAll(l.dir, 0o755); err != nil {
		return err
	}
	entries, err := os.ReadDir(l.dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		switch e.Name() {
		case ocispec.ImageBlobsDir, ocispec.ImageLayoutFile, ocispec.ImageIndexFile:
		default:
			return &notLayoutError{dir: l.dir, has: e.Name()}
		}
	}
	index, err := json.Marshal(newIndex())
	if err != nil {
		return err
	}
	version, err := json.Marshal(ocispec.ImageLayout{Version: ocispec.ImageLayoutVersion})
	if err != nil {
		return err
	}
	root, err := os.OpenRoot(l.dir)
	if err != nil {
		return err
	}
	defer root.Close()
	return errors.Join(
		replace(root, ocispec.ImageIndexFile, bytes.NewReader(index)),
		replace(root, ocispec.ImageLayoutFile, bytes.NewReader(version)))
}

type notLayoutError struct{ dir, has string }

func (e *notLayoutError) Error() string {
	return "the folder " + e.dir + " is no OCI layout, and not empty: it has " + e.has
}

// ready makes the layout if it is not there.
func (l *Layout) ready() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.create()
}

// write puts content into its place, once it is complete and checked.
func (l *Layout) write(desc ocispec.Descriptor, body io.Reader) error {
	name, err := blobPath(desc.Digest)
	if err != nil {
		return err
	}
	root, err := os.OpenRoot(l.dir)
	if err != nil {
		return err
	}
	defer root.Close()
	if err := root.MkdirAll(path.Dir(name), 0o755); err != nil {
		return err
	}
	return replace(root, name, &checkedBody{VerifyReader: content.NewVerifyReader(body, desc)})
}

// replace gives a file its content in one step.
func replace(root *os.Root, name string, body io.Reader) (err error) {
	temporary := path.Join(path.Dir(name), ".pack-"+rand.Text())
	f, err := root.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, body)
	if err = errors.Join(err, f.Close()); err == nil {
		err = root.Rename(temporary, name)
	}
	if err != nil {
		return errors.Join(err, root.Remove(temporary))
	}
	return nil
}

// list puts a manifest into the index: with a name, which it takes from what had
// it before, or without one.
func (l *Layout) list(desc ocispec.Descriptor, name string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	index, err := l.index()
	if err != nil {
		return err
	}
	entry := bare(desc)
	if name != "" {
		entry.Annotations = map[string]string{ocispec.AnnotationRefName: name}
	}
	kept := index.Manifests[:0]
	for _, other := range index.Manifests {
		named := other.Annotations[ocispec.AnnotationRefName]
		switch {
		case name == "" && other.Digest == desc.Digest:
			return nil
		case name != "" && (named == name || named == "" && other.Digest == desc.Digest):
		default:
			kept = append(kept, other)
		}
	}
	index.Manifests = append(kept, entry)
	data, err := json.Marshal(index)
	if err != nil {
		return err
	}
	root, err := os.OpenRoot(l.dir)
	if err != nil {
		return err
	}
	defer root.Close()
	return replace(root, ocispec.ImageIndexFile, bytes.NewReader(data))
}
