package cli

import (
	"context"
	"os"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed-0d4f92cc/pack/pkg/repo"
)

// When it is said first what is waited for, and how often after that.
const (
	firstNotice = 10 * time.Second
	nextNotice  = time.Minute
)

// waitingFor tells the user from time to time what is being waited for that may never
// come: somebody else's program, or what writes into a pipe. done ends that.
func (s *session) waitingFor(what string) (done func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var group sync.WaitGroup
	group.Go(func() {
		timer := time.NewTimer(firstNotice)
		defer timer.Stop()
		for since := time.Now(); ; timer.Reset(nextNotice) {
			select {
			case <-ctx.Done():
				return
			case <-timer.C:
				s.Log.Info("still waiting", "for", what, "since", time.Since(since).Round(time.Second))
			}
		}
	})
	return func() {
		cancel()
		group.Wait()
	}
}

// patientGetter is a getter of which it is told when it is waited for.
type patientGetter struct {
	repo.Getter
	s    *session
	name string
}

// Get implements repo.Getter.
func (g patientGetter) Get(ctx context.Context, req repo.Request) (*repo.Response, error) {
	defer g.s.waitingFor("the plugin " + g.name + " to fetch " + repo.Entry{URL: req.URL}.Redacted())()
	return g.Getter.Get(ctx, req)
}

// opening is waitingFor, while files are opened and read of which one is no regular
// file: what is to write into a pipe may never come.
func (s *session) opening(files ...string) (done func()) {
	for _, file := range files {
		if file != "" && isIrregular(s.path(file)) {
			told := s.waitingFor("what is to be read from " + file)
			s.pipes.Add(1)
			return func() {
				s.pipes.Add(-1)
				told()
			}
		}
	}
	return func() {}
}

// lastRead is how long a pipe is still read after the end of the context.
const lastRead = 200 * time.Millisecond

// execute runs a command. Nothing but the end of the process ends an open that waits for
// a writer, so a command that is ended in the midst of one is left where it is.
func (s *session) execute(ctx context.Context, root *cobra.Command) error {
	came := make(chan error, 1)
	go func() { came <- root.ExecuteContext(ctx) }()
	select {
	case err := <-came:
		return err
	case <-ctx.Done():
	}
	for ticker := time.NewTicker(lastRead); ; {
		select {
		case err := <-came:
			return err
		case <-ticker.C:
			if s.pipes.Load() > 0 {
				return ctx.Err()
			}
		}
	}
}

// isIrregular says whether a path is that of a pipe or a device.
func isIrregular(path string) bool {
	info, err := os.Stat(path)
	return err == nil && !info.Mode().IsRegular() && !info.IsDir()
}

// readPipe reads what is no regular file: to open one, or to read of it, may take for
// ever, which the end of the context ends.
func (s *session) readPipe(ctx context.Context, name string) ([]byte, error) {
	defer s.waitingFor("what is to be read from " + name)()
	type result struct {
		data []byte
		err  error
	}
	// Nothing but the end of the process ends an open that waits for a writer.
	came := make(chan result, 1)
	go func() {
		data, err := s.readFile(name)
		came <- result{data, err}
	}()
	select {
	case r := <-came:
		return r.data, r.err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}
