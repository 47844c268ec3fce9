// Which faults a schedule gets.
#include "schedule_faults.hpp"

#include "draws.hpp"

#include <optional>

namespace kusto::faults
{

namespace
{

using emulator::fault;
using emulator::fault_action;
using emulator::fault_route;
using emulator::ingestion_failure_kind;
using std::chrono::milliseconds;

fault_route route_of_delivery(dice& random, schedule const& what)
{
    std::vector<fault_route> routes{
        fault_route::metadata,    fault_route::token,       fault_route::resources,
        fault_route::identity,    fault_route::put_blob,    fault_route::put_blob,
        fault_route::put_blob,    fault_route::put_block,   fault_route::put_block,
        fault_route::put_message, fault_route::put_message, fault_route::put_block_list,
        fault_route::any};
    if (what.verify_table)
        routes.push_back(fault_route::command);
    if (what.poll)
    {
        routes.push_back(fault_route::insert_status);
        routes.push_back(fault_route::read_status);
    }
    return random.one_of(routes);
}

/// Whether a silent server costs the time of a queue message, which is long.
bool may_hold_a_message(fault_route route)
{
    return route == fault_route::any || route == fault_route::put_message;
}

fault refused_delivery(dice& random)
{
    // A signature that is not good any more.
    if (random.chance(10))
        return fault::status(403, "AuthenticationFailed");
    auto rule = refusal(random, {500, 502, 503, 503, 504, 429, 408}, 25);
    if (random.chance(3))
        rule.retry_after(milliseconds(900), emulator::retry_after_form::seconds);
    return rule;
}

fault slowness(dice& random)
{
    switch (random.below(4))
    {
    case 0:
        return fault::delay(random.ms(2, 80));
    case 1:
        return fault::latency(random.ms(1, 8));
    case 2:
        return fault::bandwidth(random.between(100'000, 2'000'000));
    default:
    {
        auto const bytes = random.between(20, 400);
        return fault::drip(bytes, random.ms(1, 4));
    }
    }
}

/// When: a few occurrences, a probability, or a time window, so that the service comes back.
void limit(dice& random, fault& rule)
{
    rule.from(random.between(1, 4));
    switch (random.below(3))
    {
    case 0:
        rule.times(random.between(1, 4));
        break;
    case 1:
        rule.times(random.between(4, 12)).every(random.between(1, 3));
        rule.probability(static_cast<double>(random.between(3, 10)) / 10);
        break;
    default:
    {
        auto const begin = random.ms(0, 40);
        rule.from(1).between(begin, random.ms(60, 250));
        break;
    }
    }
}

void add_transient(dice& random, schedule& what)
{
    auto const route = route_of_delivery(random, what);
    auto const pick = random.below(100);
    std::optional<fault> rule;
    if (pick < 35)
        rule = refused_delivery(random);
    else if (pick < 50)
        rule = slowness(random);
    else if (pick < 80)
        rule = broken_connection(random, fault::close_idle());
    else if (pick < 90)
        rule = random.chance(50) ? fault::never_answer() : fault::never_answer_after();
    else if (pick < 95)
        rule = fault::garbage();
    else
        rule = fault::accept_never();
    rule->on(route);
    limit(random, *rule);
    if (rule->code() == 403)
        rule->on(fault_route::put_blob).from(1).times(1);
    // Failed reads are spaced out: more of them would use up the time that a status has.
    if (route == fault_route::read_status)
        rule->times(random.between(1, 4));
    auto const action = rule->action();
    if (nobody_answers(*rule))
        rule->times(random.between(1, 2));
    if (nobody_answers(*rule) &&
        (may_hold_a_message(route) || action == fault_action::accept_never))
        what.recovers = false;
    if (action == fault_action::garbage)
        what.recovers = false;
    what.script.add(std::move(*rule));
}

/// What was handed out is refused from some request on, once.
void add_expiry(dice& random, schedule& what)
{
    auto rule = random.one_of(std::vector<fault>{fault::expire_sas(), fault::expire_sas(),
                                                 fault::revoke_tokens(), fault::expire_identity()});
    if (rule.action() == fault_action::expire_sas)
        rule.on(random.one_of(
            std::vector<fault_route>{fault_route::put_blob, fault_route::put_block,
                                     fault_route::put_block_list, fault_route::put_message}));
    else if (rule.action() == fault_action::revoke_tokens)
        rule.on(
            random.one_of(std::vector<fault_route>{fault_route::resources, fault_route::command}));
    else
        rule.on(fault_route::put_message);
    // The service cannot read what lies in the queue already, and only a status tells.
    if (rule.action() != fault_action::revoke_tokens)
    {
        what.poll = true;
        what.recovers = false;
    }
    rule.from(random.between(1, 5)).times(1);
    what.script.add(std::move(rule));
}

void add_permanent_refusal(dice& random, schedule& what)
{
    auto rule = fault::status(random.one_of(std::vector<int>{400, 400, 403, 404, 409, 413}));
    rule.on(random.one_of(std::vector<fault_route>{fault_route::put_blob, fault_route::put_block,
                                                   fault_route::put_block_list,
                                                   fault_route::put_message}));
    rule.from(random.between(1, 6)).times(random.between(1, 3));
    what.recovers = false;
    what.script.add(std::move(rule));
}

void add_ingestion_fault(dice& random, schedule& what)
{
    auto const pick = random.below(what.has(fault_action::redeliver) ? 4 : 8);
    std::optional<fault> rule;
    switch (pick)
    {
    case 0:
        rule = fault::redeliver(random.ms(0, 120));
        break;
    case 1:
        rule = fault::reorder(random.ms(5, 80));
        break;
    case 2:
        rule = fault::ingestion_delay(random.ms(5, 150));
        break;
    case 3:
        rule = fault::status_delay(random.ms(5, 600));
        break;
    case 4:
        rule = fault::status_lost();
        break;
    default:
    {
        auto const kind = static_cast<ingestion_failure_kind>(random.below(4));
        rule = fault::ingestion_fails(kind, {}, random.ms(20, 200));
        break;
    }
    }
    bool const told_by_status = pick >= 3;
    what.poll = what.poll || told_by_status;
    what.recovers = what.recovers && !told_by_status;
    rule->from(random.between(1, 4)).times(random.between(1, 3));
    what.script.add(std::move(*rule));
}

/// The service never comes back.
void add_outage(dice& random, schedule& what)
{
    auto const route = route_of_delivery(random, what);
    std::vector<fault> kinds{fault::status(503),        fault::status(503),    fault::status(500),
                             fault::close_after_body(), fault::never_answer(), fault::drop_answer(),
                             fault::status(400),        fault::garbage()};
    auto rule = random.one_of(kinds);
    rule.on(route).from(random.between(1, 5));
    what.script.add(std::move(rule));
    what.outage = true;
    what.recovers = false;
}

} // namespace

void add_faults(dice& random, schedule& what)
{
    what.script.seed(random.below(1'000'000) + 1);
    auto const count = random.between(1, 4);
    bool const outage = random.chance(10);
    if (outage)
        add_outage(random, what);
    for (auto i = what.script.rules().size(); i < count; ++i)
    {
        auto const pick = random.below(100);
        if (pick < 62)
            add_transient(random, what);
        else if (pick < 72 && !what.has(fault_action::expire_sas))
            add_expiry(random, what);
        else if (pick < 84)
            add_permanent_refusal(random, what);
        else if (!what.has(fault_action::ingestion_fails))
            add_ingestion_fault(random, what);
    }
}

} // namespace kusto::faults
