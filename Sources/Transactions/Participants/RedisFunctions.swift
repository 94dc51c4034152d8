/// The functions that Trivet keeps in Redis: each is one atomic step there, and what it writes is in the append-only
/// file as one block.
enum RedisFunctions {
    static let markerKey = "trivet:marker"
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
          local found = redis.call('HMGET', key, 'identity', 'epoch', 'number')
          return found[1], tonumber(found[2]), tonumber(found[3])
        end

        -- In the same slot as the key, whose hash tag it keeps or becomes.
        local function lease_of(key)
          if string.find(key, '{[^}]+}') then return 'trivet:lease:' .. key end
          return 'trivet:lease:{' .. key .. '}'
        end

        local function refused(marker, identity, epoch)
          local owner, latest = marker_of(marker)
          if owner and owner ~= identity then return { 'foreign', owner } end
          if latest and latest > epoch then return { 'superseded', tostring(latest) } end
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

        -- args: identity, epoch, predecessor, number, wants former, then for each key: count of effects, then for each
        -- effect: its name, count of arguments, the arguments.
        local function apply(keys, args)
          local marker = keys[1]
          local identity, epoch = args[1], tonumber(args[2])
          local predecessor, number = tonumber(args[3]), tonumber(args[4])
          local no = refused(marker, identity, epoch)
          if no then return no end
          local owner, _, current = marker_of(marker)
          if not owner then return { 'behind', '' } end
          if current >= number then return { 'applied' } end
          if current < predecessor then return { 'behind', tostring(current) } end

          local at = 6
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
          if args[5] == '1' then
            for k = 2, #keys do former[k - 1] = dump(keys[k]) end
          end

          at = 6
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
          redis.call('HSET', marker, 'number', args[4])
          return { 'done', former }
        end

        -- Takes Redis over for a coordinator; says where the marker stands.
        local function adopt(keys, args)
          local no = refused(keys[1], args[1], tonumber(args[2]))
          if no then return no end
          local owner, _, current = marker_of(keys[1])
          if not owner then return { 'new' } end
          redis.call('HSET', keys[1], 'epoch', args[2])
          return { 'known', tostring(current) }
        end

        -- Sets the marker.
        local function reset(keys, args)
          local no = refused(keys[1], args[1], tonumber(args[2]))
          if no then return no end
          redis.call('HSET', keys[1], 'identity', args[1], 'epoch', args[2], 'number', args[3])
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
        redis.register_function('trivet_apply', apply)
        redis.register_function('trivet_adopt', adopt)
        redis.register_function('trivet_reset', reset)
        redis.register_function{
          function_name = 'trivet_load', callback = function(keys) return dump(keys[1]) end, flags = { 'no-writes' } }
        """
}
