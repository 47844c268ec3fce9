#include <support/mishap.hpp>

#include <cstddef>

namespace kusto::test
{

std::vector<mishap> const all_mishaps{
    mishap::not_sent,  mishap::answer_lost, mishap::late,      mishap::unauthorized,
    mishap::forbidden, mishap::gone,        mishap::throttled, mishap::server_error,
    mishap::half_done, mishap::busy,        mishap::conflict,  mishap::garbage,
};

char const* to_string(mishap what) noexcept
{
    switch (what)
    {
    case mishap::not_sent:
        return "not sent";
    case mishap::answer_lost:
        return "answer lost";
    case mishap::late:
        return "late";
    case mishap::stuck:
        return "stuck";
    case mishap::unauthorized:
        return "401";
    case mishap::forbidden:
        return "403";
    case mishap::gone:
        return "404";
    case mishap::throttled:
        return "429";
    case mishap::server_error:
        return "500";
    case mishap::half_done:
        return "executed and 500";
    case mishap::busy:
        return "503";
    case mishap::conflict:
        return "409";
    case mishap::garbage:
        return "garbage";
    case mishap::renewing:
        return "410";
    }
    return "?";
}

char const* to_string(request_kind what) noexcept
{
    constexpr char const* names[] = {
        "metadata",       "token",         "device code",      "device poll",
        "IMDS probe",     "Arc challenge", "managed identity", "resources",
        "identity",       "table check",   "policy",           "question",
        "command",        "query",         "put blob",         "put block",
        "put block list", "put message",   "insert entity",    "write entity",
        "read entity",    "unknown",
    };
    return names[static_cast<std::size_t>(what)];
}

} // namespace kusto::test
