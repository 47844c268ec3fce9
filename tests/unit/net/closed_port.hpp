#pragma once

#include <cstdint>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace kusto::test
{

/// A loopback port on which nobody listens; bound, so that nobody else takes it.
class closed_port
{
public:
    closed_port()
    {
        sockaddr_in where{};

} // namespace kusto::test
