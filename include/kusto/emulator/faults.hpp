#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kusto::emulator
{

/// Which requests a rule is about.
enum class fault_route : std::uint8_t
{
    any,             ///< every request to any port
    metadata,        ///< cloud metadata (`/v1/rest/auth/metadata`), both Kusto ports
    token,           ///< `/{tenant}/oauth2/v2.0/token`
    resources,       ///< `.get ingestion resources`
    identity,        ///< `.get kusto identity token`
    version,         ///< `.show version`, both Kusto ports
    command,         ///< every other management command
    query,           ///< v1 and v2 queries
    put_blob,        ///< Put Blob in one request
    put_block,       ///< Put Block
    put_block_list,  ///< Put Block List
    get_blob,        ///< Get Blob, Get Blob Properties
    put_message,     ///< POST to a queue
    insert_status,   ///< status entity: POST, PUT, PATCH, MERGE
    read_status,     ///< status entity: GET of one or a query
    managed_identity ///< tokens of a managed identity, on any kind of machine
};

/// What a rule does. The first group concerns HTTP requests, the second the ingestion service.
enum class fault_action : std::uint8_t
{
    status,             ///< refuse with a status, in the error format of the route; not executed
    delay,              ///< hold the request, then go on
    latency,            ///< as `delay`: the round trip of a far service, meant for all requests
    bandwidth,          ///< all requests of the rule share so many bytes per second
    drip,               ///< send the answer's body in small pieces
    close_before_body,  ///< close after the head of the request; not executed
    close_mid_body,     ///< close after about half of the request's body; not executed
    close_after_body,   ///< close after the whole request; not executed
    drop_answer,        ///< execute, then close without an answer: the ambiguous case
    answer_partly,      ///< execute, send half of the answer, close
    never_answer,       ///< not executed; silent until the client goes away or the cluster stops
    never_answer_after, ///< executed, then silent
    close_idle,         ///< answer with keep-alive promised, then close: a stale connection
    garbage,            ///< 200 with a body that is none of the service's; not executed
    expire_sas,      ///< signatures handed out so far are refused as expired, from this request on
    revoke_tokens,   ///< access tokens issued so far are refused, from this request on
    expire_identity, ///< identity tokens issued so far are refused in messages posted from now on
    accept_never,    ///< a new connection is accepted, and never read: no TLS answer
    executed_twice,  ///< a command is executed two times in a row; the second answer is sent
    executed_late,   ///< the connection closes without an answer; the command is executed later

    redeliver,       ///< a queue message is delivered a second time
    reorder,         ///< a queue message is overtaken by those behind it
    ingestion_fails, ///< see `ingestion_failure_kind`
    ingestion_delay, ///< a message is taken up later
    status_delay,    ///< the data is in the table, status entity and notification follow later
    status_lost      ///< the data is in the table, status entity and notification never follow
};

/// How an ingestion fails, as clients see it in the status entity.
enum class ingestion_failure_kind : std::uint8_t
{
    permanent, ///< `Failed`, `Permanent`; nothing is ingested
    transient, ///< `Failed`, `Transient` first; the service repeats it, then `Succeeded`
    exhausted, ///< `Failed`, `Exhausted`; nothing is ingested, resubmitting may succeed
    partial    ///< `PartiallySucceeded`: the first half of the rows is ingested
};

/// How `Retry-After` is written.
enum class retry_after_form : std::uint8_t
{
    seconds,      ///< `Retry-After: 2`, rounded up
    http_date,    ///< `Retry-After: Thu, 01 Jan 2026 10:00:00 GMT`, rounded up
    milliseconds, ///< `retry-after-ms: 1500`
    x_ms          ///< `x-ms-retry-after-ms: 1500`
};

/// One rule of a fault script: what happens, to which requests (or queue messages), and when.
///
/// Made by one of the static functions, refined by the others:
/// `fault::status(503, "ServerBusy").on(fault_route::put_blob).from(2).times(3)`.
///
/// \par When
/// The rule counts its *matches*: requests of its route, account and text (for `accept_never`:
/// connections to a port that serves the route; for rules about ingestion: queue messages taken)
/// inside its time window. Of the matches `from` to `from + times - 1` it takes every `every`-th,
/// beginning with the first, and each of those with its probability. Whether the n-th match is
/// taken depends on nothing but the script's seed, the rule's position and n: other rules do not
/// disturb it. Requests that arrive at the same time are matches in the order in which the cluster
/// has read their heads.
///
/// \par Several rules
/// `delay`, `latency`, `bandwidth`, `drip`, `expire_sas`, `revoke_tokens` and `expire_identity` of
/// all rules take effect together, and so do the rules about ingestion. Of the other actions the
/// one whose rule comes first takes effect.
///
/// Values are checked when a script is given to a cluster.
class fault
{
public:
    using milliseconds = std::chrono::milliseconds;
    static constexpr std::uint64_t forever = std::numeric_limits<std::uint64_t>::max();

    /// Refuses with HTTP status `code` (400..599) in the error format of the route: OneApi for
    /// Kusto, the login endpoint's JSON, XML with `x-ms-error-code` for blobs and queues, odata for
    /// tables. An empty `service_code` is what the service sends with that status.
    static fault status(int code, std::string service_code = {});
    static fault delay(milliseconds time) { return timed(fault_action::delay, time); }
    static fault latency(milliseconds time) { return timed(fault_action::latency, time); }
    /// Request and answer bodies pass at this rate; at least 1.
    static fault bandwidth(std::uint64_t bytes_per_second);
    /// `bytes` (at least 1) of the answer's body per `interval`.
    static fault drip(std::uint64_t bytes, milliseconds interval = milliseconds(10));
    /// The actions without parameters of their own.
    static fault of(fault_action action) { return fault(action); }
    static fault close_before_body() { return fault(fault_action::close_before_body); }
    static fault close_mid_body() { return fault(fault_action::close_mid_body); }
    static fault close_after_body() { return fault(fault_action::close_after_body); }
    static fault drop_answer() { return fault(fault_action::drop_answer); }
    static fault answer_partly() { return fault(fault_action::answer_partly); }
    static fault never_answer() { return fault(fault_action::never_answer); }
    static fault never_answer_after() { return fault(fault_action::never_answer_after); }
    static fault close_idle() { return fault(fault_action::close_idle); }
    static fault garbage() { return fault(fault_action::garbage); }
    static fault expire_sas() { return fault(fault_action::expire_sas); }
    static fault revoke_tokens() { return fault(fault_action::revoke_tokens); }
    static fault expire_identity() { return fault(fault_action::expire_identity); }
    static fault accept_never() { return fault(fault_action::accept_never); }
    /// Only on `fault_route::command`, as the next.
    static fault executed_twice()
    {
        return fault(fault_action::executed_twice).on(fault_route::command);
    }
    /// The command is executed `time` after it was read, whatever has happened by then, unless the
    /// cluster has stopped. A failure of it is lost.
    static fault executed_late(milliseconds time)
    {
        return timed(fault_action::executed_late, time).on(fault_route::command);
    }

    /// The second delivery comes `after` the first; with 0 both are in one batch of the service.
    static fault redeliver(milliseconds after) { return timed(fault_action::redeliver, after); }
    /// The message is held back for `time`, so that later ones overtake it.
    static fault reorder(milliseconds time) { return timed(fault_action::reorder, time); }
    /// An empty `error_code` is a usual one of that kind. `recovery`: for `transient`, how long
    /// after the failure the service repeats the ingestion.
    static fault ingestion_fails(ingestion_failure_kind kind, std::string error_code = {},
                                 milliseconds recovery = milliseconds(200));
    static fault ingestion_delay(milliseconds time)
    {
        return timed(fault_action::ingestion_delay, time);
    }
    static fault status_delay(milliseconds time) { return timed(fault_action::status_delay, time); }
    static fault status_lost() { return fault(fault_action::status_lost); }

    /// Default `any`. Rules about ingestion have no route.
    fault& on(fault_route value) &;
    /// Only requests to this storage account (`localstore0`, ...); for rules about ingestion, blobs
    /// of it.
    fault& account(std::string name) &;
    /// Only commands or queries whose text contains this, ignoring the case of ASCII letters; needs
    /// one of these routes.
    fault& containing(std::string text) &;
    /// The first match that may be taken, counted from 1.
    fault& from(std::uint64_t match) &;
    /// How many matches from there on; `forever` by default.
    fault& times(std::uint64_t matches) &;
    /// Of those the first, and every `step`-th after it; at least 1.
    fault& every(std::uint64_t step) &;
    /// 0 to 1; default 1.
    fault& probability(double value) &;
    /// Only from `begin` to `end` since the script was installed (cluster's start, or
    /// `set_faults`); without `end`, for good.
    fault& between(std::optional<milliseconds> begin, std::optional<milliseconds> end = {}) &;
    /// For `status`.
    fault& retry_after(milliseconds time, retry_after_form form = retry_after_form::seconds) &;
    /// For `status`: `@permanent` in Kusto's error document. Default: true for 4xx other than 408
    /// and 429.
    fault& permanent(bool value) &;

    fault&& on(fault_route value) && { return std::move(on(value)); }
    fault&& account(std::string name) && { return std::move(account(std::move(name))); }
    fault&& containing(std::string text) && { return std::move(containing(std::move(text))); }
    fault&& from(std::uint64_t match) && { return std::move(from(match)); }
    fault&& times(std::uint64_t matches) && { return std::move(times(matches)); }
    fault&& every(std::uint64_t step) && { return std::move(every(step)); }
    fault&& probability(double value) && { return std::move(probability(value)); }
    fault&& between(std::optional<milliseconds> begin, std::optional<milliseconds> end = {}) &&
    {
        return std::move(between(begin, end));
    }
    fault&& retry_after(milliseconds time, retry_after_form form = retry_after_form::seconds) &&
    {
        return std::move(retry_after(time, form));
    }
    fault&& permanent(bool value) && { return std::move(permanent(value)); }

    [[nodiscard]] fault_action action() const noexcept { return action_; }
    [[nodiscard]] fault_route route() const noexcept { return route_; }
    [[nodiscard]] std::string const& account() const noexcept { return account_; }
    [[nodiscard]] std::string const& containing() const noexcept { return containing_; }
    [[nodiscard]] std::uint64_t from() const noexcept { return from_; }
    [[nodiscard]] std::uint64_t times() const noexcept { return times_; }
    [[nodiscard]] std::uint64_t every() const noexcept { return every_; }
    [[nodiscard]] double probability() const noexcept { return probability_; }
    [[nodiscard]] std::optional<milliseconds> begin() const noexcept { return begin_; }
    [[nodiscard]] std::optional<milliseconds> end() const noexcept { return end_; }
    [[nodiscard]] int code() const noexcept { return code_; }
    /// Service code of `status`, error code of `ingestion_fails`.
    [[nodiscard]] std::string const& service_code() const noexcept { return service_code_; }
    [[nodiscard]] std::optional<milliseconds> retry_after() const noexcept { return retry_after_; }
    [[nodiscard]] retry_after_form retry_form() const noexcept { return retry_form_; }
    /// As given; empty: the default of the status.
    [[nodiscard]] std::optional<bool> permanent() const noexcept { return permanent_; }
    /// Delay, interval, recovery time.
    [[nodiscard]] milliseconds time() const noexcept { return time_; }
    /// Of `bandwidth` per second, of `drip` per interval.
    [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }
    [[nodiscard]] ingestion_failure_kind kind() const noexcept { return kind_; }
    friend bool operator==(fault const&, fault const&) = default;

private:
    explicit fault(fault_action action) : action_(action) {}
    static fault timed(fault_action action, milliseconds time);

    fault_action action_;
    fault_route route_ = fault_route::any;
    std::string account_;
    std::string containing_;
    std::uint64_t from_ = 1, times_ = forever, every_ = 1;
    double probability_ = 1;
    std::optional<milliseconds> begin_, end_;
    int code_ = 0;
    std::string service_code_;
    std::optional<milliseconds> retry_after_;
    retry_after_form retry_form_ = retry_after_form::seconds;
    std::optional<bool> permanent_;
    milliseconds time_ = milliseconds(0);
    std::uint64_t bytes_ = 0;
    ingestion_failure_kind kind_ = ingestion_failure_kind::permanent;
};

/// What is wrong with a fault script. The text says where, what, and what is allowed.
class fault_script_error : public std::runtime_error
{
public:
    fault_script_error(std::optional<std::size_t> rule, std::string field, std::string const& text);

    /// Index of the rule, from 0; empty when the script itself is wrong.
    [[nodiscard]] std::optional<std::size_t> rule() const noexcept { return rule_; }
    /// The JSON name of the member; empty when the text is not JSON.
    [[nodiscard]] std::string const& field() const noexcept { return field_; }

private:
    std::optional<std::size_t> rule_;
    std::string field_;
};

/// Rules and the seed of their probabilities. The default script does nothing.
class fault_script
{
public:
    fault_script() = default;

    fault_script& seed(std::uint64_t value)
    {
        seed_ = value;
        return *this;
    }
    fault_script& add(fault rule)
    {
        rules_.push_back(std::move(rule));
        return *this;
    }

    [[nodiscard]] std::uint64_t seed() const noexcept { return seed_; }
    [[nodiscard]] std::vector<fault> const& rules() const noexcept { return rules_; }
    friend bool operator==(fault_script const&, fault_script const&) = default;

    /// \throws fault_script_error for a value out of its range or one that the action does not have
    void check() const;

    /// Reads `{"seed":1,"rules":[{"action":"status","code":503,"route":"put_blob","times":2}]}`;
    /// the emulator's README lists all members. \throws fault_script_error also for unknown members
    [[nodiscard]] static fault_script from_json(std::string_view text);
    /// What `from_json` reads back as an equal script; members at their defaults are left out.
    [[nodiscard]] std::string to_json() const;

private:
    std::uint64_t seed_ = 1;
    std::vector<fault> rules_;
};

/// What became of one rule.
struct fault_count
{
    std::uint64_t matched = 0; ///< requests, connections or messages that it counted
    std::uint64_t applied = 0; ///< of those, the ones on which its action took effect
};

} // namespace kusto::emulator
