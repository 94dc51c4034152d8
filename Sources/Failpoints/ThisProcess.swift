import Foundation

enum ThisProcess {
    /// Ends this process by SIGKILL: at once, with nothing done any more on this thread; or a little later.
    static func kill(after delay: Duration) {
        guard delay > .zero else { die() }
        // A thread of its own: the one that passes goes on, which is the point.
        let thread = Thread {
            usleep(UInt32(clamping: Int(delay / .microseconds(1))))
            die()
        }
        thread.start()
    }

    private static func die() -> Never {
        Foundation.kill(getpid(), SIGKILL)
        while true { pause() }
    }
}
