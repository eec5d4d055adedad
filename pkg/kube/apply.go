package kube

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/client-go/util/csaupgrade"

	"github.com/seed-0d4f92cc/pack/pkg/manifest"
	"github.com/seed-0d4f92cc/pack/pkg/release"
)

// maxConflicts bounds how often a write that is made of a live object is made
// anew because the object has changed meanwhile.
const maxConflicts = 8

// A kind is served a moment after its definition is established. Until then the
// server answers with notServed; it is asked again every lagPoll, no longer
// than definitionLag.
const (
	definitionLag = 10 * time.Second
	lagPoll       = 200 * time.Millisecond
	notServed     = "the server could not find the requested resource"
	unknownField  = "field not declared in schema"
)

// gvk is the type of an object in the form of Helm's messages.
func gvk(ref manifest.Ref) string {
	return ref.Group() + "/" + ref.Version() + ", Kind=" + ref.Kind
}

// Apply creates or updates one object: by a server-side apply as
// release.FieldManager, or, for release.ClientSide, by a create or a patch that
// is made here. An object that leaves its name to the server (generateName) is
// created anew either way.
//
// Errors have Helm's text; errors.As finds the *apierrors.StatusError, and a
// *release.ImmutableError where fields cannot be changed.
func (c *Client) Apply(ctx context.Context, obj release.Object, opts release.ApplyObjectOptions) (release.Object, release.Action, error) {
	switch {
	case opts.Method != "" && opts.Method != release.ServerSide && opts.Method != release.ClientSide:
		return release.Object{}, "", fmt.Errorf("%s: unknown apply method %q", obj.Ref, opts.Method)
	case opts.Method == release.ClientSide && opts.ForceConflicts:
		return release.Object{}, "", errors.New("invalid client update option(s): forceConflicts enabled when serverSideApply disabled")
	case opts.Method != release.ClientSide && opts.Replace:
		return release.Object{}, "", release.ErrForceReplace
	}
	found, err := c.resolve(ctx, obj.Ref)
	if err != nil {
		return release.Object{}, "", err
	}
	live, action, err := c.applyAs(ctx, found, obj, opts)
	return live, action, asImmutable(obj.Ref, err)
}

// applyAs writes an object in the way that is wanted.
func (c *Client) applyAs(ctx context.Context, found api, obj release.Object, opts release.ApplyObjectOptions) (release.Object, release.Action, error) {
	switch {
	case obj.Ref.Name == "":
		return c.create(ctx, found, obj, opts)
	case opts.Replace:
		return c.replace(ctx, found, obj, opts)
	case opts.Method == release.ClientSide:
		return c.applyClientSide(ctx, found, obj, opts)
	default:
		return c.applyServerSide(ctx, found, obj, opts)
	}
}

// create sends a POST.
func (c *Client) create(ctx context.Context, found api, obj release.Object, opts release.ApplyObjectOptions) (release.Object, release.Action, error) {
	body, err := json.Marshal(obj.Content)
	if err != nil {
		return release.Object{}, "", fmt.Errorf("%s: %w", obj.Ref, err)
	}
	resp, err := c.do(ctx, request{
		method: http.MethodPost, path: found.path(obj.Ref.Namespace), body: body,
		query: url.Values{"fieldManager": {release.FieldManager}},
		// With a name a second create finds the first; without one there would
		// be two objects.
		once:   obj.Ref.Name == "",
		before: opts.Before,
		hide:   hider(obj, opts),
	})
	if isUncertain(err, apierrors.IsAlreadyExists) {
		live, err := c.getFor(ctx, obj.Ref, opts)
		return live, release.ActionCreated, err
	}
	if err != nil {
		if !strings.Contains(err.Error(), obj.Ref.Name) {
			err = fmt.Errorf("cannot create %q with kind %s: %w", obj.Ref.Name, obj.Ref.Kind, err)
		}
		return release.Object{}, "", err
	}
	return written(obj.Ref, resp, release.ActionCreated)
}

// isUncertain says whether err is an answer of a kind to a request of which an
// earlier attempt may have been carried out.
func isUncertain(err error, is func(error) bool) bool {
	var status *statusError
	return errors.As(err, &status) && status.uncertain && is(err)
}

// written is the result of a write that answered with the object.
func written(ref manifest.Ref, resp *response, action release.Action) (release.Object, release.Action, error) {
	content, err := resp.object()
	if err != nil {
		return release.Object{}, "", fmt.Errorf("%s: %w", ref, err)
	}
	ref.Name = metaString(content, "name")
	return release.Object{Ref: ref, Content: content}, action, nil
}

// applied is the object that an apply answered with, and its version. A brief one has no
// content, and if it is new no version: reading it would be a fourth of what an apply
// costs here.
func applied(ref manifest.Ref, resp *response, brief bool) (release.Object, string, error) {
	if !brief {
		out, _, err := written(ref, resp, release.ActionUpdated)
		return out, metaString(out.Content, "resourceVersion"), err
	}
	if resp.status == http.StatusCreated {
		return release.Object{Ref: ref}, "", nil
	}
	id, err := identityOf(resp)
	if err != nil {
		err = fmt.Errorf("%s: reading the server's answer: %w", ref, err)
	}
	return release.Object{Ref: ref}, id.version, err
}

func (c *Client) applyServerSide(ctx context.Context, found api, obj release.Object, opts release.ApplyObjectOptions) (release.Object, release.Action, error) {
	path, err := found.objectPath(obj.Ref)
	if err != nil {
		return release.Object{}, "", err
	}
	if opts.Live != nil && c.unchanged(obj, opts.Live) && c.isFresh(ctx, path, obj, &opts) {
		return release.Object{Ref: obj.Ref, Content: opts.Live}, release.ActionUnchanged, nil
	}
	w := &applyWrite{Client: c, found: found, path: path, how: opts, live: plannedFor(opts)}
	if opts.MigrateManagedFields && (opts.Live == nil || ownsByUpdate(opts.Live)) {
		if err := w.migrate(ctx, obj.Ref); err != nil {
			return release.Object{}, "", fmt.Errorf("failed to upgrade the managed fields of object %s %s: %w", objectName(obj.Ref), gvk(obj.Ref), err)
		}
	}
	resp, err := w.applyOrLeave(ctx, obj)
	if err != nil {
		return release.Object{}, "", applyError(obj.Ref, err)
	}
	out, version, err := applied(obj.Ref, resp, opts.Brief)
	if err != nil {
		return out, "", err
	}
	return out, w.action(resp, version), nil
}

// action is what an apply did that was answered with an object of a version.
func (w *applyWrite) action(resp *response, version string) release.Action {
	switch {
	case resp.status == http.StatusCreated, w.made:
		return release.ActionCreated
	case w.live.version != "" && w.live.version == version:
		return release.ActionUnchanged
	}
	return release.ActionUpdated
}

// plannedFor is the object that a write is meant for.
func plannedFor(opts release.ApplyObjectOptions) identity {
	if opts.Live == nil && opts.Found != nil {
		return absent()
	}
	return identityIn(mapAt(opts.Live, "metadata"))
}

// applyWrite is a server-side apply of one object.
type applyWrite struct {
	*Client
	found api
	path  string
	how   release.ApplyObjectOptions
	// live is the object that the apply is meant for, and goes with it: an apply that
	// arrives late, when others have gone on, is refused. Empty where it is not known,
	// or does not matter any more.
	live identity
	// made: an attempt of which no answer came has created the object.
	made bool
}

// refusalError: what is there may not be written over.
type refusalError struct{ error }

func (e *refusalError) Unwrap() error { return e.error }

// applyOrLeave applies an object, without the fields that may be left to others.
func (w *applyWrite) applyOrLeave(ctx context.Context, obj release.Object) (*response, error) {
	resp, err := w.sendAtVersion(ctx, obj)
	var left []release.LeftField
	for attempt := 1; apierrors.IsConflict(err) && attempt < maxConflicts; attempt++ {
		less, more, ok := w.leave(ctx, w.path, obj, w.how, err)
		if !ok {
			break
		}
		obj, left = less, append(left, more...)
		resp, err = w.sendAtVersion(ctx, obj)
	}
	if err == nil && len(left) > 0 {
		w.how.Left(left)
	}
	return resp, err
}

// maxVersions is how often an apply is made for one version of the live object before
// it is sent for whichever there is: some objects change all the time.
const maxVersions = 3

// sendAtVersion sends an apply for the version of the live object that is known, and
// anew where others have written that meanwhile, such as controllers its status.
func (w *applyWrite) sendAtVersion(ctx context.Context, obj release.Object) (*response, error) {
	for tries := 1; ; tries++ {
		resp, err := w.sendApply(ctx, obj)
		if refused := isOverwritten(err) || w.live.isAbsent() && refusesVersion(err); !refused || w.live.isEmpty() {
			return resp, err
		}
		unseen := w.live.isAbsent() && isUncertain(err, apierrors.IsConflict)
		if err := w.look(ctx, obj.Ref); err != nil {
			return nil, err
		}
		w.made = w.made || unseen && !w.live.isAbsent()
		if tries >= maxVersions {
			w.live = identity{}
		}
	}
}

// look reads which object there is, after a write for another one was refused, and asks
// whether that may be written.
func (w *applyWrite) look(ctx context.Context, ref manifest.Ref) error {
	before := w.live
	var err error
	w.live, err = w.identify(ctx, w.path)
	switch {
	case apierrors.IsNotFound(err):
		w.live = identity{}
	case err != nil:
		return err
	case w.how.Found == nil || w.live.uid == before.uid:
		return nil
	default:
		there, err := w.Get(ctx, ref)
		if err == nil {
			w.live = identityIn(mapAt(there.Content, "metadata"))
			if err := w.how.Found(there); err != nil {
				return &refusalError{err}
			}
			return nil
		}
		if !apierrors.IsNotFound(err) {
			return err
		}
	}
	if w.how.Found != nil {
		w.live = absent()
	}
	return nil
}

// isOverwritten says whether a write failed because the object is not the one, or has
// not the version, that it was meant for. Conflicts over fields are others, and so are
// those of the quota that the write counts for.
func isOverwritten(err error) bool {
	return apierrors.IsConflict(err) && len(conflictingFields(err)) == 0 && !isQuotaConflict(err)
}

// refusesVersion says whether a server takes no version with an object that is to be
// created. API servers do; those that are aggregated may have rules of their own.
func refusesVersion(err error) bool {
	return (apierrors.IsInvalid(err) || apierrors.IsBadRequest(err)) && strings.Contains(err.Error(), "resourceVersion")
}

func (w *applyWrite) sendApply(ctx context.Context, obj release.Object) (*response, error) {
	body, err := json.Marshal(w.live.on(obj.Content))
	if err != nil {
		return nil, err
	}
	accept := ""
	if w.how.Brief {
		accept = typeProtoOne
	}
	return w.applyRequest(ctx, w.found, request{
		method: http.MethodPatch, path: w.path, contentType: typeApply, accept: accept, body: body,
		before: w.how.Before, hide: hider(obj, w.how),
		query: url.Values{
			"fieldManager": {release.FieldManager},
			"force":        {strconv.FormatBool(w.how.ForceConflicts)},
			// Of an apply a strict server reads the patch a second time, for fields that
			// are there twice, which this one cannot have; that is a fifth of what an
			// apply costs it. Unknown fields are refused either way.
			"fieldValidation": {metav1.FieldValidationIgnore},
		},
	})
}

// applyRequest sends a server-side apply. A kind that a definition has only
// just brought may take the server a moment to serve.
func (c *Client) applyRequest(ctx context.Context, found api, r request) (*response, error) {
	deadline := time.Now().Add(definitionLag)
	for {
		resp, err := c.do(ctx, r)
		var status *statusError
		if !errors.As(err, &status) || !c.lags(found, status) || time.Now().After(deadline) {
			return resp, err
		}
		if err := sleep(ctx, lagPoll); err != nil {
			return nil, err
		}
	}
}

// lags says whether the answer may be that of a server that has not caught up with a
// definition that was written just before: it does not serve the kind yet, or does not
// know a field of it.
func (c *Client) lags(found api, status *statusError) bool {
	if status.code == http.StatusNotFound {
		return found.announced && strings.HasPrefix(status.ErrStatus.Message, notServed)
	}
	if !strings.Contains(status.ErrStatus.Message, unknownField) {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	_, defined := c.hints.byKind[manifest.Ref{APIVersion: found.groupVersion, Kind: found.kind}]
	return defined
}

// objectName is how Helm's messages name an object: with a slash even where
// there is no namespace.
func objectName(ref manifest.Ref) string { return ref.Namespace + "/" + ref.Name }

// applyError puts the error of a server-side apply into Helm's words.
func applyError(ref manifest.Ref, err error) error {
	var (
		status  *statusError
		refusal *refusalError
	)
	switch {
	case errors.As(err, &refusal):
		return refusal.error
	case !errors.As(err, &status):
		return fmt.Errorf("server-side apply failed for object %s %s: %w", objectName(ref), gvk(ref), err)
	case status.code == http.StatusConflict:
		return fmt.Errorf("conflict occurred while applying object %s %s: %w", objectName(ref), gvk(ref), err)
	case status.code == http.StatusUnsupportedMediaType:
		return fmt.Errorf("server-side apply not available on the server: %w", err)
	}
	return fmt.Errorf("server-side apply failed for object %s %s: %w", objectName(ref), gvk(ref), err)
}

// migrate moves the fields that release.FieldManager owns through updates over
// to its server-side applies.
func (w *applyWrite) migrate(ctx context.Context, ref manifest.Ref) error {
	for attempt := 1; ; attempt++ {
		resp, err := w.get(ctx, w.path)
		if apierrors.IsNotFound(err) {
			return nil
		}
		if err != nil {
			return err
		}
		content, err := resp.object()
		if err != nil {
			return err
		}
		patch, err := csaupgrade.UpgradeManagedFieldsPatch(&unstructured.Unstructured{Object: content},
			sets.New(release.FieldManager), release.FieldManager)
		if err != nil || len(patch) == 0 {
			return err
		}
		if !w.live.isEmpty() {
			w.live = identityIn(mapAt(content, "metadata"))
		}
		resp, err = w.do(ctx, request{
			method: http.MethodPatch, path: w.path, contentType: typeJSONPatch, accept: typeMeta, body: patch, before: w.how.Before,
		})
		if err == nil && !w.live.isEmpty() {
			w.live, err = identityOf(resp)
			return err
		}
		// The patch holds the version that it was made of, so that one that was
		// carried out unseen conflicts too: the next round finds nothing to do.
		if !apierrors.IsConflict(err) || attempt == maxConflicts {
			return asNotFound(err)
		}
		if err := sleep(ctx, retryWait(attempt, nil)); err != nil {
			return err
		}
		w.opts.Logger.Debug("an object changed while its managed fields were moved", "object", ref.String())
	}
}
