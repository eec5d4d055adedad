package repo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
)

// acceptArchive is the Accept header that Helm sends for charts.
const acceptArchive = "application/gzip,application/octet-stream"

// provenanceSuffix is what the name of an archive is followed by in that of its
// provenance file.
const provenanceSuffix = ".prov"

// maxProvenance bounds provenance files: a few lines of metadata and a
// signature.
const maxProvenance = 4 << 20

// errNoProvenance is what is wrong where a provenance file is wanted.
var errNoProvenance = errors.New("there is no provenance file")

// fetchSource fetches a chart from where an index or a URL says that it is.
func (f *Fetcher) fetchSource(ctx context.Context, req FetchRequest, from source) (*Archive, error) {
	a := &Archive{URL: from.url, Name: fileName(from.url), Home: from.home, Chart: from.name, Version: from.version}
	a.signedName = a.Name
	req.Provenance = f.needed(req, from.url, from.home)
	if from.digest != "" {
		if _, err := hexOf(from.digest); err != nil {
			return nil, fmt.Errorf("the index says of %s: %w", Redact(from.url), err)
		}
		a.Data, a.Cached = f.cfg.Content.Chart(from.digest)
	}
	if a.Data == nil {
		if err := f.download(ctx, req, from, a); err != nil {
			return nil, err
		}
	}
	a.Digest = DigestOf(a.Data)
	if req.Provenance == ProvenanceIgnore {
		return a, nil
	}
	return a, f.addProvenance(ctx, req, from, a)
}

// download fetches an archive, checks it against the index and keeps it.
func (f *Fetcher) download(ctx context.Context, req FetchRequest, from source, a *Archive) error {
	data, err := f.get(ctx, Request{URL: from.url, Access: from.access, Home: from.home, Accept: acceptArchive, MaxBytes: req.MaxBytes, Take: req.Take})
	if err != nil {
		return err
	}
	if from.digest != "" {
		if err := CheckDigest(data, from.digest); err != nil {
			return fmt.Errorf("%s is not what the index of its repository says: %w", Redact(from.url), err)
		}
	}
	a.Data = data
	f.keep(data)
	return nil
}

// keep puts an archive into the cache. That this cannot be done is no reason to
// fail.
func (f *Fetcher) keep(data []byte) {
	if _, err := f.cfg.Content.PutChart(data); err != nil {
		f.cfg.Log.Debug("the chart cannot be kept in the cache", "error", err)
	}
}

// provenanceOf returns what fetches the provenance file that lies beside an archive.
func (f *Fetcher) provenanceOf(ctx context.Context, from source) func() ([]byte, error) {
	return func() ([]byte, error) {
		data, err := f.get(ctx, Request{URL: withSuffix(from.url, provenanceSuffix), Access: from.access, Home: from.home, MaxBytes: maxProvenance})
		if err == nil && len(bytes.TrimSpace(data)) == 0 {
			err = errNoProvenance
		}
		return data, err
	}
}

// addProvenance adds the provenance file that lies beside an archive.
func (f *Fetcher) addProvenance(ctx context.Context, req FetchRequest, from source, a *Archive) error {
	fetch := f.provenanceOf(ctx, from)
	if data, ok := f.cfg.Content.Provenance(a.Digest); ok {
		a.Provenance, a.fetchProvenance = data, fetch
		return nil
	}
	data, err := fetch()
	if err != nil {
		return missingProvenance(req, a, withSuffix(from.url, provenanceSuffix), err)
	}
	a.Provenance = data
	f.keepProvenance(a)
	return nil
}

func (f *Fetcher) keepProvenance(a *Archive) {
	if err := f.cfg.Content.PutProvenance(a.Digest, a.Provenance); err != nil {
		f.cfg.Log.Debug("the provenance file cannot be kept in the cache", "error", err)
	}
}

// missingProvenance is the error where a provenance file has to be there, and a
// note in the archive otherwise.
func missingProvenance(req FetchRequest, a *Archive, at string, err error) error {
	if req.Provenance == ProvenanceMust {
		return fmt.Errorf("failed to fetch provenance %q: %w", Redact(at), err)
	}
	a.ProvenanceErr = err
	return nil
}

// FetchVersion fetches a version that the index of a repository has. Of the
// request Access, Provenance, Keyring, MaxBytes and Take count.
func (f *Fetcher) FetchVersion(ctx context.Context, req FetchRequest, e Entry, v *ChartVersion) (*Archive, error) {
	if len(v.URLs) == 0 {
		return nil, fmt.Errorf("chart %q version %q has no downloadable URLs", v.Name, v.Version)
	}
	at, err := ResolveURL(e.URL, v.URLs[0])
	if err != nil {
		return nil, err
	}
	a, err := f.fetchSource(ctx, req, source{url: at, digest: v.Digest, home: e.URL, access: merged(req.Access, e.Access), name: v.Name, version: v.Version})
	if err != nil {
		return nil, err
	}
	return f.checked(ctx, req, a)
}

// verify checks the provenance file, if that is asked for and there is one.
func verify(req FetchRequest, a *Archive) error {
	if req.Provenance < ProvenanceIfPossible || a.Provenance == nil {
		return nil
	}
	if req.Keyring == nil {
		return errors.New("no keyring is given to verify charts with")
	}
	v, err := req.Keyring.Verify(a.Data, a.signedName, a.Provenance)
	if err != nil {
		return err
	}
	a.Verification = v
	return nil
}

// get reads what a URL names.
func (f *Fetcher) get(ctx context.Context, req Request) ([]byte, error) {
	if f.cfg.Offline {
		return nil, fmt.Errorf("%w: %s would have to be fetched", ErrOffline, Redact(req.URL))
	}
	getter, err := f.getterFor(req.URL)
	if err != nil && req.Home != req.URL {
		err = fmt.Errorf("%s: %w", Redact(req.URL), err) // nobody has asked for this one
	}
	if err != nil {
		return nil, err
	}
	return ReadAll(ctx, getter, req)
}

// ReadAll reads the whole content of what a request names, at most
// Request.MaxBytes. Content that breaks off is asked for again.
func ReadAll(ctx context.Context, getter Getter, req Request) (data []byte, err error) {
	err = whole(func() error {
		data, err = readOnce(ctx, getter, req)
		return err
	})
	return data, err
}

func readOnce(ctx context.Context, getter Getter, req Request) ([]byte, error) {
	res, err := getter.Get(ctx, req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	limit := req.MaxBytes
	if limit <= 0 {
		limit = DefaultMaxBytes
	}
	body := io.LimitReader(res.Body, limit+1)
	if req.Take != nil {
		body = &taken{r: body, take: req.Take}
	}
	data, err := io.ReadAll(body)
	if _, ok := errors.AsType[*Error](err); ok {
		return nil, err
	}
	if err == nil && int64(len(data)) > limit {
		err = tooLong(limit)
	}
	if err != nil {
		return nil, &Error{Op: "fetch", URL: req.URL, Err: err}
	}
	return data, nil
}

// taken asks about what it reads.
type taken struct {
	r    io.Reader
	take func(bytes int) error
}

func (t *taken) Read(p []byte) (int, error) {
	n, err := t.r.Read(p)
	if n > 0 {
		if refused := t.take(n); refused != nil {
			return 0, refused
		}
	}
	return n, err
}

// fileName is the last part of a URL's path: what the file is called that it
// names.
func fileName(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return ""
	}
	return path.Base(u.Path)
}

// withSuffix adds to the path of a URL. Where there is a query Helm adds to
// that; a server cannot make sense of it.
func withSuffix(raw, suffix string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return raw + suffix
	}
	u.Path += suffix
	if u.RawPath != "" {
		u.RawPath += suffix
	}
	return u.String()
}

// IsNotFound says whether a server answered that there is nothing at a URL.
func IsNotFound(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return errors.Is(err, ErrNotFound) || ok && e.Status == http.StatusNotFound
}
