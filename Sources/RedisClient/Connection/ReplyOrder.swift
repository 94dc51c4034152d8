/// A queue whose elements can be changed in place: the replies of a pipeline are gathered in its first element, and NIO's circular
/// buffer would copy that for each of them.
struct ReplyOrder<Element> {
    private var storage: [Element?] = []
    private var head = 0

    /// Places behind us are given back in one go, when there are as many as there are ahead.
    private static var smallestSweep: Int { 32 }

    var count: Int { self.storage.count - self.head }
    var isEmpty: Bool { self.head == self.storage.count }
    var first: Element? { self.isEmpty ? nil : self.storage[self.head] }

    mutating func append(_ element: Element) {
        self.storage.append(element)
    }

    mutating func popFirst() -> Element? {
        guard self.head < self.storage.count else { return nil }
        let element = self.storage[self.head].take()
        self.head += 1
        if self.head == self.storage.count {
            self.storage.removeAll(keepingCapacity: self.head <= 1024)
            self.head = 0
        } else if self.head >= Self.smallestSweep, self.head * 2 >= self.storage.count {
            self.storage.removeFirst(self.head)
            self.head = 0
        }
        return element
    }

    /// Where the first element stands, if there is one.
    var firstPlace: Int { self.head }

    /// The places of all elements, good until the next change of the queue.
    var places: Range<Int> { self.head..<self.storage.count }

    /// The element at a place; change it in place by optional chaining.
    subscript(place: Int) -> Element? {
        get { self.storage[place] }
        _modify { yield &self.storage[place] }
    }
}
