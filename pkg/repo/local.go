package repo

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/seed-0d4f92cc/pack/internal/parallel"
)

// maxUpdates bounds how many indexes are fetched at once.
const maxUpdates = 16

// Local are the repositories that are configured on this machine, and the cache
// of their indexes. It is safe for concurrent use, by several processes too.
type Local struct {
	// File is the path of repositories.yaml.
	File    string
	Indexes *IndexCache
	// Getter returns what opens URLs of a scheme.
	Getter func(scheme string) (Getter, error)
	// Timeout bounds how long the index of a repository may take to come; 0
	// leaves that to the getter.
	Timeout time.Duration
}

// Add fetches the index of a repository and configures it. Another one of that
// name is replaced or, without replace, an error; if it is the same, nothing is
// done, and added is false.
func (l Local) Add(ctx context.Context, e Entry, replace bool) (added bool, err error) {
	if err := checkRepoName(e.Name); err != nil {
		return false, err
	}
	r, err := ReadRepositories(l.File)
	if err != nil {
		return false, err
	}
	if there, err := r.holds(e); !replace && (there || err != nil) {
		return false, err
	}
	getter, err := l.getterFor(e)
	if err != nil {
		return false, err
	}
	if err := l.fetch(ctx, getter, e); err != nil {
		return false, fmt.Errorf("looks like %q is not a valid chart repository or cannot be reached: %w", e.Redacted(), err)
	}
	// The lock is not held while a server is waited for: what somebody else has
	// written meanwhile counts, and the cache is to be as that says.
	var other Entry
	err = EditRepositories(ctx, l.File, func(r *Repositories) error {
		if there, err := r.holds(e); !replace && (there || err != nil) {
			other, _ = r.Find(e.Name)
			return err
		}
		r.Set(e)
		added = true
		return nil
	})
	if err != nil && other.Name != "" {
		if getter, e := l.getterFor(other); e == nil {
			err = errors.Join(err, l.fetch(ctx, getter, other))
		}
	}
	return added && err == nil, err
}

// holds says whether a repository is configured as it is. Another one of that
// name is an error.
func (r *Repositories) holds(e Entry) (bool, error) {
	existing, ok := r.Find(e.Name)
	if ok && existing != e {
		return false, fmt.Errorf("repository name (%s) already exists, please specify a different name%w", e.Name, silent{ErrNameTaken})
	}
	return ok, nil
}

// Remove removes a repository from the configured ones, and its index from the
// cache. The error is a *NotConfiguredError if there is none of that name.
func (l Local) Remove(ctx context.Context, name string) error {
	err := EditRepositories(ctx, l.File, func(r *Repositories) error {
		switch {
		case r.Len() == 0:
			return &NotConfiguredError{text: "no repositories configured"}
		case !r.Remove(name):
			return &NotConfiguredError{Name: name, text: fmt.Sprintf("no repo named %q found", name)}
		}
		return nil
	})
	if err != nil || checkRepoName(name) != nil {
		return err
	}
	return l.Indexes.Remove(name)
}

// Select returns the configured repositories with these names, or all of them
// if there are no names. What is not configured is a *NotConfiguredError.
func (l Local) Select(names []string) ([]Entry, error) {
	r, err := ReadRepositories(l.File)
	if err != nil {
		return nil, err
	}
	if r.Len() == 0 {
		return nil, &NotConfiguredError{text: "no repositories found. You must add one before updating"}
	}
	for _, name := range names {
		if _, ok := r.Find(name); !ok {
			return nil, &NotConfiguredError{Name: name, text: fmt.Sprintf("no repositories found matching '%s'.  Nothing will be updated", name)}
		}
	}
	return slices.DeleteFunc(slices.Collect(r.All()), func(e Entry) bool {
		return len(names) > 0 && !slices.Contains(names, e.Name)
	}), nil
}

// Update fetches the indexes of repositories, several at once. tell is told how
// each one went, one after the other. What could not be fetched is an
// *UpdateError.
func (l Local) Update(ctx context.Context, wanted []Entry, tell func(e Entry, err error)) error {
	var mu sync.Mutex
	failures := make([]error, len(wanted))
	parallel.Do(maxUpdates, len(wanted), func(i int) bool {
		getter, err := l.getterFor(wanted[i])
		if err == nil {
			err = l.fetch(ctx, getter, wanted[i])
		}
		mu.Lock()
		defer mu.Unlock()
		failures[i] = err
		tell(wanted[i], err)
		return true
	})
	return updateError(wanted, failures)
}

// NotConfiguredError says that a repository is not configured, or that none is.
// It wraps ErrNotConfigured.
type NotConfiguredError struct {
	// Name is empty where none is configured.
	Name string
	text string
}

func (e *NotConfiguredError) Error() string { return e.text }
func (e *NotConfiguredError) Unwrap() error { return ErrNotConfigured }

// UpdateError says which indexes could not be fetched.
type UpdateError struct {
	Repositories []Entry
	// Errs say why, one for each repository.
	Errs []error
}

func (e *UpdateError) Error() string {
	urls := make([]string, 0, len(e.Repositories))
	for _, r := range e.Repositories {
		urls = append(urls, r.Redacted())
	}
	return fmt.Sprintf("failed to update the following repositories: %s", urls)
}

func (e *UpdateError) Unwrap() []error { return e.Errs }

func updateError(entries []Entry, errs []error) error {
	failed := new(UpdateError)
	for i, err := range errs {
		if err != nil {
			failed.Repositories = append(failed.Repositories, entries[i])
			failed.Errs = append(failed.Errs, err)
		}
	}
	if len(failed.Errs) == 0 {
		return nil
	}
	return failed
}

func (l Local) fetch(ctx context.Context, getter Getter, e Entry) error {
	if l.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, l.Timeout)
		defer cancel()
	}
	_, err := l.Indexes.Update(ctx, getter, e)
	if errors.Is(err, context.DeadlineExceeded) && l.Timeout > 0 {
		return fmt.Errorf("%w: the index has not come within %s", err, l.Timeout)
	}
	return err
}

func (l Local) getterFor(e Entry) (Getter, error) {
	u, err := url.Parse(e.URL)
	if err != nil {
		return nil, fmt.Errorf("invalid chart URL format: %s", e.Redacted())
	}
	getter, err := l.Getter(u.Scheme)
	if err != nil {
		return nil, fmt.Errorf("could not find protocol handler for: %s%w", u.Scheme, silent{err})
	}
	return getter, nil
}

// Redacted is the URL of the repository without what may be secret in it.
func (e Entry) Redacted() string { return Redact(e.URL) }

// checkRepoName says what is wrong with a name: files are called by it, and it is
// shown.
func checkRepoName(name string) error {
	switch {
	case strings.TrimSpace(name) == "":
		return errors.New("a repository needs a name")
	case strings.Contains(name, "/"):
		return fmt.Errorf("repository name (%s) contains '/', please specify a different name without '/'", name)
	case strings.ContainsFunc(name, func(r rune) bool { return r == '\\' || !unicode.IsPrint(r) }):
		return fmt.Errorf("repository name %q contains a character that is none of a name", name)
	}
	return nil
}
