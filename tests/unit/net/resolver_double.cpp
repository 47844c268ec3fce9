#include "resolver_double.hpp"

#include <condition_variable>
#include <cstring>
#include <dlfcn.h>
#include <mutex>
#include <netdb.h>
#include <string_view>

namespace
{

std::mutex mutex;
std::condition_variable changed;
int holders = 0;

using look_up = int (*)(char const*, char const*, addrinfo const*, addrinfo**);

int chain(look_up system, char const* first, char const* second, char const* service,
          addrinfo hints, addrinfo** found)
{
    hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
    addrinfo* rest = nullptr;
    if (int const problem = system(second, service, &hints, &rest))
        return problem;
    if (int const problem = system(first, service, &hints, found))
        return problem;
    (*found)->ai_next = rest;
    return 0;
}

} // namespace

kusto::test::held_look_ups::held_look_ups()
{
    std::scoped_lock const lock(mutex);
    ++holders;
}

kusto::test::held_look_ups::~held_look_ups()
{
    std::scoped_lock const lock(mutex);
    --holders;
    changed.notify_all();
}

// Replaces the system's function in this executable only.
extern "C" int getaddrinfo(char const* host, char const* service, addrinfo const* hints,
                           addrinfo** found)
{
    static auto const system = reinterpret_cast<look_up>(::dlsym(RTLD_NEXT, "getaddrinfo"));
    std::string_view const name = host == nullptr ? "" : host;
    if (name.ends_with("localhost"))
        return system("192.0.2.2", service, hints, found);
    if (!name.ends_with(".double"))
        return system(host, service, hints, found);
    if (name == "first-dead.double")
        return chain(system, "127.0.0.2", "127.0.0.1", service, *hints, found);
    if (name == "v6-first.double")
        return chain(system, "::1", "127.0.0.1", service, *hints, found);
    std::unique_lock lock(mutex);
    changed.wait(lock, [] { return holders == 0; });
    return system("127.0.0.1", service, hints, found);
}
