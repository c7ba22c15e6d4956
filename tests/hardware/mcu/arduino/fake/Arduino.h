// What the sketch uses of Arduino's core, so that it compiles without. Beside a processor of one's own, host.cpp has the rest.
#ifndef ASSAY_FAKE_ARDUINO_H
#define ASSAY_FAKE_ARDUINO_H

#include <stddef.h>
#include <stdint.h>

struct FakeSerial {
  void begin(unsigned long baud);
  int read();
  size_t write(uint8_t byte);
  explicit operator bool();
};
extern FakeSerial Serial;

unsigned long micros();
void setup();
void loop();

#endif
