package repo

import (
	"context"
	"io"
)

// Getter opens what URLs name. *HTTP is the one for http and https; plugins
// bring those for other schemes.
type Getter interface {
	// Get returns what the URL of the request names. Errors are *Error. The
	// caller closes the body of the response.
	Get(ctx context.Context, req Request) (*Response, error)
}

// Request asks a Getter for the content of a URL.
type Request struct {
	URL    string
	Access Access
	// Home is the URL that the credentials in Access belong to, such as that of
	// a repository: they are sent to its scheme, host and port only. Empty
	// means URL.
	Home string
	// Accept is the Accept header; empty leaves it out.
	Accept string
	// MaxBytes bounds the body, which ends in an error beyond it; 0 means
	// DefaultMaxBytes.
	MaxBytes int64
	// Take is told by ReadAll of content that comes, before it is kept: an error
	// ends the request. nil takes all.
	Take func(bytes int) error
	// Compressed lets the server compress the content for the way; Response.Body
	// is what it was before, and MaxBytes counts that. Archives of charts are
	// compressed already.
	Compressed bool
	// ETag and LastModified are those of an answer that is at hand: if it is
	// still the current one, Response.NotModified says so.
	ETag         string
	LastModified string
}

// DefaultMaxBytes bounds what a Getter reads from a URL.
const DefaultMaxBytes = 256 << 20

// Response is the answer to a Request.
type Response struct {
	// Body is the content, without any Content-Encoding; nil if NotModified.
	Body io.ReadCloser
	// Size is how long the body is, -1 where that is not known.
	Size int64
	// URL is where the content came from, after redirects.
	URL string
	// NotModified says that what Request.ETag or LastModified name is current.
	NotModified  bool
	ETag         string
	LastModified string
}
