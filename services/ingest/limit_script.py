"""The script that charges a request's limits and adds its entry to the stream, in one round trip.

Everything is checked before anything is charged. A project's limits are one value in Redis: a head
of fixed length, and behind it the counts of the half seconds (ticks) before the current one, oldest
first: those of events, then as many of bytes. Within a tick only the head is read and written. A
client's value is alike, without quotas.

The clock is the server's. When it was set back, what passed counts as just now. The stream is never
trimmed on write, which would drop entries that no processor has read yet; when it is full,
``submit`` asks the client to retry.

Keys: the stream, the project's value, the backlogs of accounts (``shared.events.backlogs``), and
the client's value where the client is limited.

Arguments: the field, the payload; accepted events and bytes; the project's limit of events and
what is charged of it, its limit of bytes; the client's limit and what is charged of it; quotas of
events a day and a month, of bytes a day and a month (-1: none); events that PostgreSQL has counted
of the day and of the month (-1: not asked), and that day; the client's limit of bytes; what is
charged of the project's limit of bytes, and of the client's; the field of the account, the account,
and the bytes that the entry counts for.
"""

from __future__ import annotations

import hashlib

TAKEN, LIMITED, EXHAUSTED, UNSEEDED = range(4)
"""What the script answers first.

TAKEN is followed by the events left in the tightest limit. LIMITED by the limit (1: events, 2:
client, 3: bytes, 4: the client's bytes), microseconds to wait, and what is left of it. EXHAUSTED by
the number of the quota, from 1. UNSEEDED by today, in days since 1970: the counts of PostgreSQL are
needed, or those given are of another day.
"""

# Days since 1970 to months, counted from March of the year 0: Howard Hinnant, "chrono-Compatible
# Low-Level Date Algorithms", civil_from_days.
MONTH_OF = """
local function month_of(days)
    local floor = math.floor
    local since = days + 719468
    local era = floor(since / 146097)
    local day = since - era * 146097
    local year = floor((day - floor(day / 1460) + floor(day / 36524) - floor(day / 146096)) / 365)
    local of_year = day - (365 * year + floor(year / 4) - floor(year / 100))
    return (era * 400 + year) * 12 + floor((5 * of_year + 2) / 153)
end
"""

SCRIPT = (
    MONTH_OF
    + """
local TAKEN, LIMITED, EXHAUSTED, UNSEEDED = 0, 1, 2, 3
local call, pack, unpack, floor = redis.call, struct.pack, struct.unpack, math.floor
local number = tonumber

local TICKS, TICK_US, SINCE, KEPT_SECONDS = 120, 500000, 1735689600, 2764800
local PROJECT, PROJECT_SIZE = '<I4I8I8I8I8I4I8I8I4I8I8I1', 77
local CLIENT, CLIENT_SIZE = '<I4I8I8I8I8', 36
local time = call('TIME')
local seconds = number(time[1])
local now = (seconds - SINCE) * 1000000 + time[2]
local tick = floor(now / TICK_US)
local accepted, size = number(ARGV[3]), number(ARGV[4])

local function advance(at, past, current, slots)
    if at > tick then return 0, past + current, '' end
    if tick - at > TICKS then return 0, 0, '' end
    slots = slots .. pack('<I4', current) .. string.rep('\\0', 4 * (tick - at - 1))
    past = past + current
    local expired = #slots / 4 - TICKS
    for slot = 0, expired - 1 do past = past - unpack('<I4', slots, 4 * slot + 1) end
    if expired > 0 then slots = string.sub(slots, 4 * expired + 1) end
    return past, 0, slots
end

local function wait(slots, needed)
    for slot = 0, #slots / 4 - 1 do
        needed = needed - unpack('<I4', slots, 4 * slot + 1)
        if needed <= 0 then return (tick - #slots / 4 + slot + TICKS + 1) * TICK_US - now end
    end
    return (tick + TICKS + 1) * TICK_US - now
end

local function halves(key, head_size)
    local slots = call('GETRANGE', key, head_size, -1)
    return string.sub(slots, 1, #slots / 2), string.sub(slots, #slots / 2 + 1)
end

local key = KEYS[2]
local head = call('GETRANGE', key, 0, PROJECT_SIZE - 1)
local at, past, current, past_bytes, current_bytes = 0, 0, 0, 0, 0
local day, day_events, day_bytes, month, month_events, month_bytes, seeded = 0, 0, 0, 0, 0, 0, 0
local slots, slots_bytes, is_set_back = nil, nil, false
if #head == PROJECT_SIZE then
    at, past, current, past_bytes, current_bytes, day, day_events, day_bytes,
        month, month_events, month_bytes, seeded = unpack(PROJECT, head)
end
if at ~= tick then
    is_set_back = at > tick
    slots, slots_bytes = halves(key, PROJECT_SIZE)
    past, current, slots = advance(at, past, current, slots)
    past_bytes, current_bytes, slots_bytes = advance(at, past_bytes, current_bytes, slots_bytes)
end
local today = floor(seconds / 86400)
if day ~= today then
    local this_month = month_of(today)
    if month ~= this_month then month, month_events, month_bytes = this_month, 0, 0 end
    day, day_events, day_bytes, seeded = today, 0, 0, 0
end

local function write()
    local value = pack(PROJECT, tick, past, current, past_bytes, current_bytes,
        day, day_events, day_bytes, month, month_events, month_bytes, seeded)
    if slots then
        call('SET', key, value .. slots .. slots_bytes, 'EX', KEPT_SECONDS)
    else
        call('SETRANGE', key, 0, value)
    end
end

-- At once: refused requests write nothing, so the window would stay ahead.
if is_set_back then write() end

local cost, client_cost = number(ARGV[6]), number(ARGV[9])
local cost_bytes, client_cost_bytes = number(ARGV[18]), number(ARGV[19])
local room = number(ARGV[5]) - past - current
local left = room - cost
if cost > 0 and cost > room then
    return {LIMITED, 1, wait(slots or halves(key, PROJECT_SIZE), cost - room), room}
end
local client, client_past, client_current, client_slots = KEYS[4], 0, 0, nil
local client_past_bytes, client_current_bytes, client_slots_bytes = 0, 0, nil
if client then
    local value = call('GETRANGE', client, 0, CLIENT_SIZE - 1)
    local client_at = 0
    if #value == CLIENT_SIZE then
        client_at, client_past, client_current, client_past_bytes, client_current_bytes =
            unpack(CLIENT, value)
    end
    if client_at ~= tick then
        client_slots, client_slots_bytes = halves(client, CLIENT_SIZE)
        client_past, client_current, client_slots =
            advance(client_at, client_past, client_current, client_slots)
        client_past_bytes, client_current_bytes, client_slots_bytes =
            advance(client_at, client_past_bytes, client_current_bytes, client_slots_bytes)
        if client_at > tick then
            local value = pack(CLIENT, tick, client_past, client_current,
                client_past_bytes, client_current_bytes)
            call('SET', client, value, 'PX', 61000)
        end
    end
    local client_room = number(ARGV[8]) - client_past - client_current
    if client_cost > client_room then
        local events = client_slots or halves(client, CLIENT_SIZE)
        return {LIMITED, 2, wait(events, client_cost - client_room), client_room}
    end
    local client_room_bytes = number(ARGV[17]) - client_past_bytes - client_current_bytes
    if client_cost_bytes > client_room_bytes then
        local _, bytes = halves(client, CLIENT_SIZE)
        bytes = client_slots_bytes or bytes
        return {LIMITED, 4, wait(bytes, client_cost_bytes - client_room_bytes), client_room_bytes}
    end
    left = math.min(left, client_room - client_cost)
end
local room_bytes = number(ARGV[7]) - past_bytes - current_bytes
if cost_bytes > room_bytes then
    if not slots then slots, slots_bytes = halves(key, PROJECT_SIZE) end
    return {LIMITED, 3, wait(slots_bytes, cost_bytes - room_bytes), room_bytes}
end

if accepted > 0 then
    local of_day, of_month = number(ARGV[10]), number(ARGV[11])
    if seeded == 0 and (of_day >= 0 or of_month >= 0) then
        if ARGV[14] == '-1' or number(ARGV[16]) ~= today then return {UNSEEDED, today} end
        day_events = math.max(day_events, number(ARGV[14]))
        month_events = math.max(month_events, number(ARGV[15]))
        seeded = 1
        write()
    end
    local used =
        {day_events + accepted, month_events + accepted, day_bytes + size, month_bytes + size}
    for quota = 1, 4 do
        local most = number(ARGV[9 + quota])
        if most >= 0 and used[quota] > most then return {EXHAUSTED, quota} end
    end
    day_events, month_events, day_bytes, month_bytes = used[1], used[2], used[3], used[4]
end
current, current_bytes = current + cost, current_bytes + cost_bytes
write()
if client then
    local value = pack(CLIENT, tick, client_past, client_current + client_cost,
        client_past_bytes, client_current_bytes + client_cost_bytes)
    if client_slots then
        call('SET', client, value .. client_slots .. client_slots_bytes, 'PX', 61000)
    else
        call('SETRANGE', client, 0, value)
    end
end
call('XADD', KEYS[1], '*', ARGV[1], ARGV[2], ARGV[20], ARGV[21])
call('ZINCRBY', KEYS[3], ARGV[22], ARGV[21])
return {TAKEN, left}
"""
)
SHA = hashlib.sha1(SCRIPT.encode(), usedforsecurity=False).hexdigest()
