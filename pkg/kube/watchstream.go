package kube

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	kjson "k8s.io/apimachinery/pkg/util/json"
)

const (
	// watchTimeout is how long the server keeps one watch open. A connection that
	// has died in silence tells nothing: it is found out by then.
	watchTimeout = 30 * time.Second
	// watchSlack is how much longer it may take to end.
	watchSlack = 5 * time.Second
)

// query selects the objects of the group: one by its name, which a right to
// that object alone is enough for, several by their namespace.
func (g *watchGroup) query() url.Values {
	query := url.Values{}
	if len(g.names) == 1 {
		query.Set("fieldSelector", "metadata.name="+g.names[0])
	}
	return query
}

// list reads all objects and notes from which version a watch goes on.
func (g *watchGroup) list(ctx context.Context) error {
	found := map[string]map[string]any{}
	version := ""
	r := request{path: g.api.path(g.namespace), query: g.query()}
	err := g.client.pages(ctx, r, func(resp *response) (string, error) {
		var page struct {
			Metadata struct {
				ResourceVersion string `json:"resourceVersion"`
				Continue        string `json:"continue"`
			} `json:"metadata"`
			Items []json.RawMessage `json:"items"`
		}
		if err := json.Unmarshal(resp.body, &page); err != nil {
			return "", fmt.Errorf("reading a list of %s: %w", g.api.resource, err)
		}
		if resp.again {
			clear(found)
		}
		version = page.Metadata.ResourceVersion
		return page.Metadata.Continue, g.pick(page.Items, found)
	})
	if apierrors.IsNotFound(err) {
		// The kind is not served any more, or not yet.
		g.seeAll(ctx, nil)
		return nil
	}
	if err != nil {
		return err
	}
	g.seeAll(ctx, found)
	g.version = version
	return nil
}

// pick decodes the objects of a list that belong to the group.
func (g *watchGroup) pick(items []json.RawMessage, found map[string]map[string]any) error {
	for _, item := range items {
		name, object, err := g.decode(item)
		if err != nil {
			return err
		}
		if object != nil {
			found[name] = object
		}
	}
	return nil
}

// decode reads an object that belongs to the group; nil for one that does not.
func (g *watchGroup) decode(raw []byte) (string, map[string]any, error) {
	var head struct {
		Metadata struct {
			Name string `json:"name"`
		} `json:"metadata"`
	}
	if err := json.Unmarshal(raw, &head); err != nil {
		return "", nil, fmt.Errorf("reading an object of %s: %w", g.api.resource, err)
	}
	if _, ours := g.refs[head.Metadata.Name]; !ours {
		return "", nil, nil
	}
	var object map[string]any
	if err := kjson.Unmarshal(raw, &object); err != nil {
		return "", nil, fmt.Errorf("reading an object of %s: %w", g.api.resource, err)
	}
	// The objects of a list leave their kind to it.
	object["apiVersion"], object["kind"] = g.api.groupVersion, g.api.kind
	return head.Metadata.Name, object, nil
}

// watch opens a watch and passes on what it tells, until it ends.
func (g *watchGroup) watch(ctx context.Context) error {
	if g.version == "" {
		return nil
	}
	query := g.query()
	query.Set("watch", "true")
	query.Set("allowWatchBookmarks", "true")
	query.Set("resourceVersion", g.version)
	query.Set("timeoutSeconds", strconv.Itoa(int(watchTimeout/time.Second)))
	whole := ctx
	ctx, cancel := context.WithTimeout(ctx, watchTimeout+watchSlack)
	defer cancel()
	resp, err := g.client.send(ctx, request{method: http.MethodGet, path: g.api.path(g.namespace), query: query})
	if apierrors.IsResourceExpired(err) || apierrors.IsGone(err) || apierrors.IsNotFound(err) || apierrors.IsUnauthorized(err) {
		// The list that comes next finds out more, and renews credentials.
		g.version = ""
		return nil
	}
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	events := make(chan watchEvent)
	stream := async(func() error { return readEvents(ctx, resp.Body, events) })
	defer func() {
		cancel()
		<-stream.done
	}()
	err = g.receive(ctx, events, stream)
	if errors.Is(err, context.DeadlineExceeded) && whole.Err() == nil {
		g.version = "" // it was silent: what has happened meanwhile is not known
		return nil
	}
	if errors.Is(err, errListAnew) {
		return nil
	}
	return err
}

// errListAnew: a watch cannot go on from where it is.
var errListAnew = errors.New("a list must come first")

// task is a function that runs beside its caller.
type task struct {
	done chan struct{}
	err  error // valid when done is closed
}

func async(fn func() error) *task {
	t := &task{done: make(chan struct{})}
	go func() {
		defer close(t.done)
		t.err = fn()
	}()
	return t
}

// receive passes on events until there are no more, and judges anew meanwhile
// what time changes.
func (g *watchGroup) receive(ctx context.Context, events <-chan watchEvent, stream *task) error {
	ticker := time.NewTicker(g.client.opts.PollInterval)
	defer ticker.Stop()
	for {
		select {
		case e := <-events:
			if err := g.event(ctx, e); err != nil {
				return err
			}
		case <-ticker.C:
			g.reconsider(ctx)
		case <-stream.done:
			return stream.err
		}
	}
}

// watchEvent is one event of a watch.
type watchEvent struct {
	Type   string          `json:"type"`
	Object json.RawMessage `json:"object"`
}

// readEvents reads a stream to its end, which is no error.
func readEvents(ctx context.Context, body io.Reader, events chan<- watchEvent) error {
	limited := &io.LimitedReader{R: body}
	decoder := json.NewDecoder(limited)
	for {
		limited.N = maxBody
		var e watchEvent
		err := decoder.Decode(&e)
		var syntax *json.SyntaxError
		switch {
		case err == nil:
		case errors.Is(err, io.EOF):
			return nil
		case errors.As(err, &syntax):
			return fmt.Errorf("reading a watch: %w: %w", errTruncated, err)
		default:
			return fmt.Errorf("reading a watch: %w", err)
		}
		select {
		case events <- e:
		case <-ctx.Done():
			return ended(ctx)
		}
	}
}

// event passes on one event.
func (g *watchGroup) event(ctx context.Context, e watchEvent) error {
	switch e.Type {
	case "ERROR":
		return g.errorEvent(e.Object)
	case "BOOKMARK", "ADDED", "MODIFIED", "DELETED":
	default:
		return nil
	}
	var head struct {
		Metadata struct {
			ResourceVersion string `json:"resourceVersion"`
		} `json:"metadata"`
	}
	if err := json.Unmarshal(e.Object, &head); err != nil {
		return fmt.Errorf("reading an event of %s: %w", g.api.resource, err)
	}
	if e.Type != "BOOKMARK" {
		name, object, err := g.decode(e.Object)
		if err != nil {
			return err
		}
		switch {
		case object == nil:
		case e.Type == "DELETED":
			g.see(ctx, name, nil)
		default:
			g.see(ctx, name, object)
		}
	}
	g.version, g.told = head.Metadata.ResourceVersion, true
	return nil
}

// errorEvent is how a server ends a watch that has been open: mostly because
// the version from which it went on is forgotten.
func (g *watchGroup) errorEvent(raw []byte) error {
	var status metav1.Status
	if err := json.Unmarshal(raw, &status); err != nil {
		return fmt.Errorf("reading the error of a watch: %w", err)
	}
	g.client.opts.Logger.Debug("a watch ended", "kind", g.api.kind, "namespace", g.namespace, "message", status.Message)
	g.version = ""
	return errListAnew
}
