package kube

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/seed-0d4f92cc/pack/pkg/manifest"
	"github.com/seed-0d4f92cc/pack/pkg/release"
)

// maxListDepth bounds how deep lists of objects nest in each other.
const maxListDepth = 8

// BuildError is what is wrong with the objects of a manifest.
type BuildError struct{ Errs []error }

// Error is in the form of kubectl: one error by itself, several in brackets.
func (e *BuildError) Error() string {
	var texts []string
	for _, err := range e.Errs {
		if text := err.Error(); !slices.Contains(texts, text) {
			texts = append(texts, text)
		}
	}
	if len(texts) == 1 {
		return texts[0]
	}
	return "[" + strings.Join(texts, ", ") + "]"
}

// Unwrap returns the errors in the order of the manifest.
func (e *BuildError) Unwrap() []error { return e.Errs }

// Is says that the error is release.ErrBuild.
func (e *BuildError) Is(target error) bool { return target == release.ErrBuild }

// Build decodes documents, flattens lists, finds the resource of each object
// and fills in namespaces: objects of namespaced kinds that name none get that
// of the options, others lose theirs. Documents without an object are passed
// over.
//
// The error is a *BuildError with all that is wrong (a kind that the server
// does not know is a *NoMatchError), or says that the server cannot be asked.
func (c *Client) Build(ctx context.Context, docs []manifest.Manifest, opts release.BuildOptions) ([]release.Object, error) {
	b := &builder{
		ctx: ctx, opts: opts,
		mapper: mapper{client: c, hints: readDefinitions(opts.CRDs)},
	}
	for _, doc := range docs {
		if err := b.document(doc); err != nil {
			return nil, err
		}
	}
	if len(b.errs) > 0 {
		return nil, &BuildError{Errs: b.errs}
	}
	c.remember(b.mapper.hints)
	return b.objects, nil
}

// builder is one call of Build.
type builder struct {
	ctx     context.Context
	opts    release.BuildOptions
	mapper  mapper
	objects []release.Object
	errs    []error
}

// document adds the objects of one document. What is wrong with them is in
// b.errs; the error is one that ends the building.
func (b *builder) document(doc manifest.Manifest) error {
	content, err := decode(doc.Content)
	if err != nil {
		b.fail(fmt.Errorf("error parsing %s: %w", doc.Path, err))
		return nil
	}
	switch content := content.(type) {
	case nil:
		return nil
	case map[string]any:
		return b.add(doc.Path, content, 0)
	default:
		b.fail(fmt.Errorf("unable to decode %q: it is not an object", doc.Path))
		return nil
	}
}

func (b *builder) fail(err error) { b.errs = append(b.errs, err) }

// add adds an object, or those of a list.
func (b *builder) add(path string, content map[string]any, depth int) error {
	if len(content) == 0 {
		return nil
	}
	if err := b.checkPresence(path, content); err != nil {
		b.fail(err)
		return nil
	}
	if items, ok := listItems(content); ok {
		return b.addItems(path, items, depth)
	}
	ref, err := readRef(path, content)
	if err != nil {
		b.fail(err)
		return nil
	}
	// What is recorded was applied, with whatever annotation.
	if _, err := readyRuleOf(content); err != nil && b.opts.Validate {
		b.fail(fmt.Errorf("%s: %s: %w", path, ref, err))
		return nil
	}
	found, err := b.mapper.find(b.ctx, ref)
	var noMatch *NoMatchError
	if errors.As(err, &noMatch) {
		noMatch.Path = path
		b.fail(noMatch)
		return nil
	}
	if err != nil {
		return err
	}
	object := place(content, ref, found.namespaced, b.opts.Namespace)
	object.Path = path
	b.objects = append(b.objects, object)
	return nil
}

func (b *builder) addItems(path string, items []any, depth int) error {
	if depth >= maxListDepth {
		b.fail(fmt.Errorf("%s: lists are nested more than %d times", path, maxListDepth))
		return nil
	}
	for _, item := range items {
		content, ok := item.(map[string]any)
		if !ok {
			b.fail(fmt.Errorf("unable to decode %q: an item of a list is not an object", path))
			continue
		}
		if err := b.add(path, content, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// checkPresence is the part of validation that needs no schema. The texts are
// those of kubectl with and without validation.
func (b *builder) checkPresence(path string, content map[string]any) error {
	_, hasVersion := content["apiVersion"].(string)
	kind, hasKind := content["kind"].(string)
	if b.opts.Validate {
		var missing []string
		if !hasVersion {
			missing = append(missing, "apiVersion not set")
		}
		if !hasKind {
			missing = append(missing, "kind not set")
		}
		switch len(missing) {
		case 0:
		case 1:
			return fmt.Errorf("error validating %q: error validating data: %s", path, missing[0])
		default:
			return fmt.Errorf("error validating %q: error validating data: [%s]", path, strings.Join(missing, ", "))
		}
	}
	if kind == "" {
		return fmt.Errorf("unable to decode %q: Object 'Kind' is missing", path)
	}
	if !hasVersion {
		return fmt.Errorf("unable to decode %q: Object 'apiVersion' is missing", path)
	}
	return nil
}

// listItems returns the objects of a list. Those of a list of one kind, such as
// a ConfigMapList, may leave their kind to it.
func listItems(content map[string]any) ([]any, bool) {
	kind := stringAt(content, "kind")
	items, ok := content["items"].([]any)
	if !ok || !strings.HasSuffix(kind, "List") {
		return nil, false
	}
	itemKind := strings.TrimSuffix(kind, "List")
	if itemKind == "" {
		return items, true
	}
	for _, item := range items {
		if item, ok := item.(map[string]any); ok && item["kind"] == nil && item["apiVersion"] == nil {
			item["kind"], item["apiVersion"] = itemKind, content["apiVersion"]
		}
	}
	return items, true
}

// readRef returns who an object says it is, and checks what of its metadata
// every object has in common.
func readRef(path string, content map[string]any) (manifest.Ref, error) {
	meta, isMap := content["metadata"].(map[string]any)
	if content["metadata"] != nil && !isMap || !plainMeta(meta) {
		return manifest.Ref{}, fmt.Errorf("unable to decode %q: %w", path, metaError(content))
	}
	ref := manifest.Ref{
		APIVersion: stringAt(content, "apiVersion"), Kind: stringAt(content, "kind"),
		Namespace: stringAt(meta, "namespace"), Name: stringAt(meta, "name"),
	}
	generate := stringAt(meta, "generateName")
	switch {
	case ref.Name == "" && generate == "":
		return ref, fmt.Errorf("%s: %s in version %q: resource name may not be empty", path, ref.Kind, ref.APIVersion)
	case ref.Name != "" && generate != "":
		return ref, fmt.Errorf("%s: %s %q has both a name and a generateName", path, ref.Kind, ref.Name)
	}
	return ref, nil
}

// plainMeta says whether the fields of metadata that are read here have their
// types.
func plainMeta(meta map[string]any) bool {
	for _, field := range []string{"name", "generateName", "namespace"} {
		if v := meta[field]; v != nil {
			if _, ok := v.(string); !ok {
				return false
			}
		}
	}
	for _, field := range []string{"labels", "annotations"} {
		entries, ok := meta[field].(map[string]any)
		if meta[field] != nil && !ok {
			return false
		}
		for _, v := range entries {
			if _, ok := v.(string); v != nil && !ok {
				return false
			}
		}
	}
	return true
}

// metaError is what the JSON decoder says of metadata that is not plain. The
// names of the Go types are part of it, as they are in kubectl.
func metaError(content map[string]any) error {
	type ObjectMeta struct {
		Name         string            `json:"name"`
		GenerateName string            `json:"generateName"`
		Namespace    string            `json:"namespace"`
		Labels       map[string]string `json:"labels"`
		Annotations  map[string]string `json:"annotations"`
	}
	var head struct {
		Metadata ObjectMeta `json:"metadata"`
	}
	data, err := json.Marshal(map[string]any{"metadata": content["metadata"]})
	if err == nil {
		err = json.Unmarshal(data, &head)
	}
	if err == nil {
		err = errors.New("its metadata is malformed")
	}
	return err
}

// place gives an object its namespace, in its content and in its Ref.
func place(content map[string]any, ref manifest.Ref, namespaced bool, namespace string) release.Object {
	meta := mapAt(content, "metadata")
	if !namespaced {
		delete(meta, "namespace")
		ref.Namespace = ""
		return release.Object{Ref: ref, Content: content}
	}
	if ref.Namespace == "" {
		ref.Namespace = namespace
	}
	meta["namespace"] = ref.Namespace
	return release.Object{Ref: ref, Content: content}
}
