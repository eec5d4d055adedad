package releasetest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"

	"github.com/seed-0d4f92cc/pack/internal/yamlio"
	"github.com/seed-0d4f92cc/pack/pkg/manifest"
	"github.com/seed-0d4f92cc/pack/pkg/release"
)

// Build implements release.Cluster.
func (c *Cluster) Build(ctx context.Context, docs []manifest.Manifest, opts release.BuildOptions) ([]release.Object, error) {
	n, err := c.begin(ctx, Call{Op: OpBuild})
	if err != nil {
		return nil, c.end(n, "", err)
	}
	c.mu.Lock()
	b := builder{opts: opts, kinds: maps.Clone(c.known)}
	for _, crd := range opts.CRDs {
		for _, kind := range definedKinds(crd.Content) {
			b.kinds.add(kind)
			c.announced.add(kind)
		}
	}
	c.mu.Unlock()
	for _, doc := range docs {
		var content map[string]any
		if err := yamlio.Unmarshal([]byte(doc.Content), &content); err != nil {
			b.errs = append(b.errs, fmt.Errorf("error parsing %s: %w", doc.Path, err))
			continue
		}
		b.path = doc.Path
		b.add(content)
	}
	if len(b.errs) > 0 {
		return nil, c.end(n, "", &buildError{b.errs})
	}
	return b.objects, c.end(n, "", nil)
}

// buildError is release.ErrBuild under the texts of its errors.
type buildError struct{ errs []error }

func (e *buildError) Error() string        { return errors.Join(e.errs...).Error() }
func (e *buildError) Unwrap() []error      { return e.errs }
func (e *buildError) Is(target error) bool { return target == release.ErrBuild }

// builder is one call of Build.
type builder struct {
	opts    release.BuildOptions
	kinds   kinds
	path    string // of the document
	objects []release.Object
	errs    []error
}

func (b *builder) fail(format string, args ...any) {
	b.errs = append(b.errs, fmt.Errorf(format, args...))
}

// add adds an object, or those of a list.
func (b *builder) add(content map[string]any) {
	if len(content) == 0 {
		return
	}
	items, isList := content["items"].([]any)
	if !isList || !strings.HasSuffix(stringAt(content, "kind"), "List") {
		b.addObject(content)
		return
	}
	for _, item := range items {
		inner, ok := item.(map[string]any)
		if !ok {
			b.fail("an item of a list is not an object")
			continue
		}
		b.add(inner)
	}
}

func (b *builder) addObject(content map[string]any) {
	meta := mapAt(content, "metadata")
	ref := manifest.Ref{
		APIVersion: stringAt(content, "apiVersion"), Kind: stringAt(content, "kind"),
		Namespace: stringAt(meta, "namespace"), Name: stringAt(meta, "name"),
	}
	switch {
	case ref.Kind == "":
		b.fail("error validating data: kind not set")
		return
	case ref.APIVersion == "":
		b.fail("error validating data: apiVersion not set")
		return
	case ref.Name == "" && stringAt(meta, "generateName") == "":
		b.fail("%s in version %q: resource name may not be empty", ref.Kind, ref.APIVersion)
		return
	}
	kind, ok := b.kinds[kindOf(ref)]
	if !ok {
		b.errs = append(b.errs, noMatch(ref))
		return
	}
	if unknown := kind.unknownFields(content); b.opts.Validate && len(unknown) > 0 {
		b.fail("error validating data: %s: unknown field %q", ref, unknown[0])
		return
	}
	content = plainObject(content)
	meta = mapAt(content, "metadata")
	switch {
	case kind.ClusterScoped:
		ref.Namespace = ""
		delete(meta, "namespace")
	case ref.Namespace == "":
		ref.Namespace = b.opts.Namespace
		meta["namespace"] = b.opts.Namespace
	}
	b.objects = append(b.objects, release.Object{Ref: ref, Path: b.path, Content: content})
}
