/// The functions that Trivet keeps in Redis: each is one atomic step there, and what it writes is in the append-only
/// file as one block.
enum RedisFunctions {
    static let markerKey = "trivet:marker"
    /// What all keys of Trivet's own begin with.
    static let ownKeys = Bytes("trivet:".utf8)
    /// Begins the names of leases: see ``RedisLease``.
    static let leasePrefix = "trivet:lease:"

    /// The library's source, in Lua as Redis 7 wants it.
    ///
    /// `trivet_apply` does nothing unless the marker is where it should be, looks at all types before it writes, and
    /// writes absolute values only.
    static let source = """
        #!lua name=trivet

        local function dump(key)
          local kind = redis.call('TYPE', key).ok
          local value = false
          if kind == 'string' then value = redis.call('GET', key)
          elseif kind == 'hash' then value = redis.call('HGETALL', key)
          elseif kind == 'set' then value = redis.call('SMEMBERS', key)
          elseif kind == 'zset' then value = redis.call('ZRANGE', key, 0, -1, 'WITHSCORES') end
          return { kind, tostring(redis.call('PEXPIRETIME', key)), value }
        end

        local function marker_of(key)
          local found = redis.call('HMGET', key, 'identity', 'epoch', 'number', 'session')
          return found[1], tonumber(found[2]), tonumber(found[3]), found[4]
        end

        -- In the same slot as the key, whose hash tag it keeps or becomes.
        local function lease_of(key)
          if string.find(key, '{[^}]+}') then return 'trivet:lease:' .. key end
          return 'trivet:lease:{' .. key .. '}'
        end

        -- args: identity, epoch, session, the number at which it began: what other sessions of the same history did is
        -- not above that.
        local function refused(marker, args)
          local owner, latest, current, session = marker_of(marker)
          if not owner then return nil end
          if owner ~= args[1] then return { 'foreign', owner } end
          if latest > tonumber(args[2]) then return { 'superseded', tostring(latest) } end
          if session ~= args[3] and current > tonumber(args[4]) then return { 'ahead', tostring(current) } end
          return nil
        end

        local needs = { hset = 'hash', hdel = 'hash', sadd = 'set', srem = 'set', zadd = 'zset', zrem = 'zset' }
        local makes = { hset = true, sadd = true, zadd = true }

        -- Calls a command with many arguments in portions that Lua's stack takes.
        local function in_portions(command, key, args, first, last)
          local at = first
          while at <= last do
            local till = math.min(at + 999, last)
            redis.call(command, key, unpack(args, at, till))
            at = till + 1
          end
        end

        -- args: as for refused, predecessor, number, wants former, then for each key: count of effects, then for each
        -- effect: its name, count of arguments, the arguments.
        local function apply(keys, args)
          local marker = keys[1]
          local predecessor = tonumber(args[5])
          local no = refused(marker, args)
          if no then return no end
          local owner, _, current = marker_of(marker)
          if not owner then return { 'behind', '' } end
          if current > predecessor then return { 'had', tostring(current) } end
          if current < predecessor then return { 'behind', tostring(current) } end

          local at = 8
          for k = 2, #keys do
            local kind = redis.call('TYPE', keys[k]).ok
            local effects = tonumber(args[at])
            at = at + 1
            for _ = 1, effects do
              local name, count = args[at], tonumber(args[at + 1])
              at = at + 2 + count
              if name == 'set' then kind = 'string'
              elseif name == 'del' then kind = 'none'
              elseif needs[name] then
                if kind ~= 'none' and kind ~= needs[name] then return { 'rejected', tostring(k - 1), kind, needs[name] } end
                if makes[name] then kind = needs[name] end
              end
            end
          end

          local former = {}
          if args[7] == '1' then
            for k = 2, #keys do former[k - 1] = dump(keys[k]) end
          end

          at = 8
          for k = 2, #keys do
            local key = keys[k]
            local effects = tonumber(args[at])
            at = at + 1
            for _ = 1, effects do
              local name, count = args[at], tonumber(args[at + 1])
              local first, last = at + 2, at + 1 + count
              at = last + 1
              if name == 'set' then
                if args[first + 1] == '' then redis.call('SET', key, args[first])
                else redis.call('SET', key, args[first], 'PXAT', args[first + 1]) end
              elseif name == 'del' then redis.call('DEL', key)
              elseif name == 'expire' then
                if args[first] == '' then redis.call('PERSIST', key) else redis.call('PEXPIREAT', key, args[first]) end
              else in_portions(string.upper(name), key, args, first, last) end
            end
            -- Whoever is about to fill this key has read something older.
            redis.call('DEL', lease_of(key))
          end
          redis.call('HSET', marker, 'epoch', args[2], 'session', args[3], 'number', args[6])
          return { 'done', former }
        end

        -- Takes Redis over for a coordinator; says where the marker stands.
        local function adopt(keys, args)
          local no = refused(keys[1], args)
          if no then return no end
          local owner, _, current = marker_of(keys[1])
          if not owner then return { 'new' } end
          redis.call('HSET', keys[1], 'epoch', args[2], 'session', args[3])
          return { 'known', tostring(current) }
        end

        -- Sets the marker, unless it stands elsewhere than expected: the request may have been long on its way.
        -- args: as for refused, the number expected or '', the number.
        local function reset(keys, args)
          local no = refused(keys[1], args)
          if no then return no end
          local _, _, current = marker_of(keys[1])
          local found = current and tostring(current) or ''
          if found ~= args[5] then return { 'lost', found } end
          redis.call(
            'HSET', keys[1], 'identity', args[1], 'epoch', args[2], 'session', args[3], 'number', args[6])
          return { 'done' }
        end

        -- args: token, milliseconds. Lets one caller at a time fill a key.
        local function lease(keys, args)
          if redis.call('SET', lease_of(keys[1]), args[1], 'NX', 'PX', args[2]) then return 1 end
          return 0
        end

        -- args: token, then value and expiry or nothing. Ends a lease; sets the key if the lease still holds, so that
        -- nothing has changed the key since.
        local function fill(keys, args)
          local name = lease_of(keys[1])
          if redis.call('GET', name) ~= args[1] then return 0 end
          redis.call('DEL', name)
          if not args[2] then return 1 end
          if args[3] == '' then redis.call('SET', keys[1], args[2])
          else redis.call('SET', keys[1], args[2], 'PXAT', args[3]) end
          return 1
        end

        redis.register_function('trivet_lease', lease)
        redis.register_function('trivet_fill', fill)
        -- Whether a reader can trust what is here. args: as for refused, and the number that must be here.
        local function untrusted(marker, args)
          local no = refused(marker, args)
          if no then return no end
          local owner, _, current = marker_of(marker)
          if not owner then return { 'lost', '' } end
          if current < tonumber(args[5]) then return { 'lost', tostring(current) } end
          return nil
        end

        local function load(keys, args)
          return untrusted(keys[1], args) or { 'found', dump(keys[2]) }
        end

        -- args: as for untrusted, the type that the key must have or nothing, a command, what follows its key.
        local function ask(keys, args)
          local no = untrusted(keys[1], args)
          if no then return no end
          if args[6] ~= '' then
            local kind = redis.call('TYPE', keys[2]).ok
            if kind ~= 'none' and kind ~= args[6] then return { 'wrong', kind } end
          end
          return { 'found', redis.call(args[7], keys[2], unpack(args, 8)) }
        end

        redis.register_function('trivet_apply', apply)
        redis.register_function('trivet_adopt', adopt)
        redis.register_function('trivet_reset', reset)
        redis.register_function{ function_name = 'trivet_load', callback = load, flags = { 'no-writes' } }
        redis.register_function{ function_name = 'trivet_ask', callback = ask, flags = { 'no-writes' } }
        """
}
